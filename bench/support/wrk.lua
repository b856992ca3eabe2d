-- Tickets of about 1 kB by many users, each request with a key of its own. TOKENS is a file with one token per line, taken at
-- random, or, with IN_TURN, one after the other.
local tokens = {}
local body = os.getenv("BODY")
local inTurn = os.getenv("IN_TURN") ~= nil
local counter = 0
local thread = 0

function setup(t)
  t:set("id", thread)
  thread = thread + 1
end

function init()
  for line in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = line end
  math.randomseed(os.time() + id)
end

function request()
  counter = counter + 1
  local headers = {
    ["Authorization"] = "Bearer " .. tokens[inTurn and counter % #tokens + 1 or math.random(#tokens)],
    ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = string.format("%d-%d-%d", id, os.time(), counter),
  }
  return wrk.format("POST", "/api/support/ticket", headers, body)
end

local bad = 0
function response(status)
  if status ~= 200 then bad = bad + 1 end
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %f %f %d\n", summary.requests, summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.status))
end
