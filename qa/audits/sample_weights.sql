-- A stratum whose stored probabilities do not give back its size, or a member without a sample.
select sample_member.sample_id || ' ' || stratum as subject, count(*) as drawn, sum(1 / probability) as weight,
    any_value(stratum_size) as size
from sample_member left join sample using (sample_id)
group by sample_member.sample_id, stratum
having count(*) <> any_value(stratum_drawn) or abs(sum(1 / probability) - any_value(stratum_size)) > 1e-6
    or min(probability) <= 0 or max(probability) > 1 or any_value(sample.sample_id) is null
