-- A checked day and shop whose facts do not hold as many conversations as the lake.
with counted as (
    select platform, shop, (ended_at at time zone $zone)::date as day, count(*) as conversations
    from checked_conversations group by all
),
summed as (
    select platform, shop, day, sum(ended)::bigint as conversations from facts group by all
)
select coalesce(counted.shop, summed.shop) || ' ' || coalesce(counted.day, summed.day)::varchar as subject,
    counted.conversations as in_lake, summed.conversations as in_facts
from counted full join summed using (platform, shop, day)
where counted.conversations is distinct from summed.conversations
