-- Grain: one row per agent, sample and stratum of the measuring stream inside $first to before $end:
-- how large the stratum is, and n, sum and sum of squares of its reviewed scores as shares of full marks.
-- A conversation that two people reviewed counts once, with the mean of both.
with
reviewed as (
    select conversation_id, scorecard, avg(score::double) / 100 as share
    from review
    where score is not null
    group by conversation_id, scorecard
)
select
    sample_member.agent_id,
    sample_member.sample_id || ' ' || sample_member.stratum as stratum,
    any_value(sample_member.stratum_size)::bigint as size,
    count(reviewed.share)::bigint as n,
    coalesce(sum(reviewed.share order by sample_member.conversation_id), 0) as total,
    coalesce(sum(reviewed.share * reviewed.share order by sample_member.conversation_id), 0) as squares
from sample_member
join sample using (sample_id)
left join reviewed
    on reviewed.conversation_id = sample_member.conversation_id and reviewed.scorecard = sample.scorecard
where sample.stream = 'measuring' and sample.first_day >= $first and sample.end_day <= $end
group by sample_member.agent_id, sample_member.sample_id, sample_member.stratum
order by sample_member.agent_id, stratum
