-- Grain: one row per finding from $first to before $end (days in $zone) that belongs to a known agent,
-- with the last word a person said on it (null: nobody yet).
select
    account_now.agent_id,
    findings.* exclude (platform, shop, account),
    verdict_now.verdict
from findings
join account_now
    on account_now.platform = findings.platform and account_now.shop = findings.shop
    and account_now.account = findings.account
    and (findings.sent_at at time zone $zone)::date >= account_now.valid_from::date
    and (account_now.valid_to is null
        or (findings.sent_at at time zone $zone)::date < account_now.valid_to::date)
left join verdict_now using (finding_id)
where (findings.sent_at at time zone $zone)::date >= $first::date
    and (findings.sent_at at time zone $zone)::date < $end::date
order by findings.sent_at, findings.conversation_id, findings.finding_id
