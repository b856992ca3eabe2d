/** Addresses of machines, lists and return paths, as they stand in mails: nothing is to be answered to them. */
export const automaticSenders = `
  www-data@example.net jira@desk.atlassian.net
  mailer-daemon@example.net MAILER-DAEMON@mx.example.net mailer_daemon@example.net mailer.daemon@example.net postmaster@example.net
  PostMaster@example.net noreply@example.net no-reply@example.net no_reply@example.net no.reply@example.net NoReply@example.net
  noreply+token-7f3a@example.net no-reply-eu@example.net noreply-accounts@example.net donotreply@example.net do-not-reply@example.net
  do.not.reply@example.net do_not_reply@example.net please-do-not-reply@example.net notreply@example.net noresponse@example.net
  bounce@example.net bounces@example.net bounce-7f3a@example.net bounces+41-7f3a@example.net mail-bounce@example.net
  list-announce@example.net users-request@example.net users-owner@example.net owner-users@example.net users-bounces@example.net
  users-unsubscribe@example.net users-confirm+7f3a@example.net listserv@example.net majordomo@example.net mailman@example.net sympa@example.net
  users@lists.example.net users@list.example.net users-return-7-ada=example.org@example.net ada=example.org@example.net
  SRS0=Ab1c=XY=example.org=ada@example.net srs1+ab@example.net prvs=0123abcdef=ada@example.net btv1==abc==ada@example.net
  msprvs1=18abc=bounces-1@example.net 0100018c-7f3a@amazonses.com 0100018c-7f3a@eu-west-1.amazonses.com
  autoresponder@example.net auto-reply@example.net autoreply-42@example.net automated@example.net automatic-mail@example.net
  auto-confirm@example.net vacation@example.net notifications@example.net notification-12@example.net notify@example.net alerts@example.net
  reply+7f3a@reply.example.net replies@example.net daemon@example.net root@example.net cron@example.net nobody@example.net
  undisclosed-recipients@example.net undeliverable@example.net system@example.net 12+ada@users.noreply.example.net ada@no-reply.example.net
  x@bounce.example.net x@bounces.example.net ada@unknown.invalid root@localhost ada@sub.localhost
`
  .trim()
  .split(/\s+/)
