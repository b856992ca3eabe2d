/** Rules that pick the destinations of a ticket. The first rule that matches wins; exactly one has no `when`: the fallback, last. */
