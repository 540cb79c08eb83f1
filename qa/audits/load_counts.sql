-- A load whose rows were not all accounted for.
select file as subject, rows_in, accepted, duplicate, rejected
from load
where rows_in <> accepted + duplicate + rejected
