WITH {{attributed_v1()}},
persons AS (
  SELECT person_id, {{age(MIN(birth_date), {{period_start}})}} AS age_at_start
  FROM eligibility
  GROUP BY person_id
),
-- Qualifying encounters: finished, of one of three kinds, within the period.
visits AS (
  SELECT DISTINCT e.person_id, p.age_at_start, e.encounter_start_datetime AS started, COALESCE(e.encounter_end_datetime, e.encounter_start_datetime) AS ended
  FROM encounter e
  JOIN persons p ON p.person_id = e.person_id
  WHERE p.age_at_start >= 12 AND LOWER(e.status) = 'finished'
    AND (e.source_code IN {{codes(encounter_to_screen_for_depression)}} OR e.source_code IN {{codes(physical_therapy_evaluation)}}
      OR e.source_code IN {{codes(telephone_visits)}})
    AND CAST(e.encounter_start_datetime AS DATE) >= {{period_start}}
    AND CAST(COALESCE(e.encounter_end_datetime, e.encounter_start_datetime) AS DATE) <= {{period_end}}
),
population AS (
  SELECT DISTINCT person_id FROM visits
),
-- Exclusion: bipolar disorder that began before the day of a qualifying encounter.
bipolar AS (
  SELECT DISTINCT c.person_id
  FROM condition c
  JOIN visits v ON v.person_id = c.person_id AND COALESCE(c.onset_date, c.recorded_date) < CAST(v.started AS DATE)
  WHERE (c.source_code IN {{codes(bipolar_disorder)}} OR {{begins(c.source_code, bipolar_categories)}})
    AND LOWER(COALESCE(c.verification_status, 'confirmed')) NOT IN ('refuted', 'entered-in-error')
),
-- Screenings done, with the track they are of: 1 adolescent (12 to 17), 2 adult (17 and older); at 17 either counts.
screenings AS (
  SELECT DISTINCT o.person_id, CASE WHEN o.source_code IN {{codes(adolescent_screening)}} THEN 1 ELSE 2 END AS track,
         COALESCE(o.observation_datetime, CAST(o.observation_date AS TIMESTAMP)) AS screened_at, o.result
  FROM observation o
  JOIN persons p ON p.person_id = o.person_id
  WHERE LOWER(COALESCE(o.status, 'final')) IN ('final', 'amended', 'corrected') AND o.result IS NOT NULL
    AND ((o.source_code IN {{codes(adolescent_screening)}} AND p.age_at_start BETWEEN 12 AND 17)
      OR (o.source_code IN {{codes(adult_screening)}} AND p.age_at_start >= 17))
),
-- The last of each track that is on the day of a qualifying encounter's start or at most 14 days before.
recent AS (
  SELECT person_id, track, screened_at, result,
         ROW_NUMBER() OVER (PARTITION BY person_id, track ORDER BY screened_at DESC, {{text_order(result)}}) AS place
  FROM (
    SELECT DISTINCT s.person_id, s.track, s.screened_at, s.result
    FROM screenings s
    JOIN visits v ON v.person_id = s.person_id AND {{days_between(s.screened_at, v.started)}} BETWEEN 0 AND 14
  ) AS near
),
-- What may follow a positive screening: orders of referrals and drugs, procedures, with the time in which a drug is taken.
follow_ups AS (
  SELECT person_id, source_code, authored_datetime AS ordered_at, authored_datetime AS from_time, CAST(NULL AS TIMESTAMP) AS until_time, 1 AS is_order
  FROM service_request
  WHERE LOWER(status) IN ('active', 'completed') AND LOWER(COALESCE(intent, 'order')) IN ('order', 'original-order', 'reflex-order', 'filler-order', 'instance-order', 'plan') AND COALESCE(do_not_perform, 0) = 0
    AND (source_code IN {{codes(referral_for_adult_depression)}} OR source_code IN {{codes(referral_for_adolescent_depression)}}
      OR source_code IN {{codes(follow_up_for_adult_depression)}} OR source_code IN {{codes(follow_up_for_adolescent_depression)}})
  UNION ALL
  SELECT person_id, source_code, authored_datetime AS ordered_at, COALESCE(start_datetime, authored_datetime) AS from_time, end_datetime AS until_time, 1 AS is_order
  FROM medication_request
  WHERE LOWER(status) IN ('active', 'completed') AND LOWER(COALESCE(intent, 'order')) IN ('order', 'original-order', 'reflex-order', 'filler-order', 'instance-order', 'plan') AND COALESCE(do_not_perform, 0) = 0
    AND (source_code IN {{codes(adult_depression_medications)}} OR source_code IN {{codes(adolescent_depression_medications)}})
  UNION ALL
  SELECT person_id, source_code, procedure_datetime AS ordered_at, procedure_datetime AS from_time, CAST(NULL AS TIMESTAMP) AS until_time, 0 AS is_order
  FROM procedure
  WHERE LOWER(status) = 'completed'
    AND (source_code IN {{codes(referral_for_adult_depression)}} OR source_code IN {{codes(referral_for_adolescent_depression)}}
      OR source_code IN {{codes(follow_up_for_adult_depression)}} OR source_code IN {{codes(follow_up_for_adolescent_depression)}})
),
tracked AS (
  SELECT person_id, ordered_at, from_time, until_time, is_order, 1 AS track
  FROM follow_ups
  WHERE source_code IN {{codes(referral_for_adolescent_depression)}} OR source_code IN {{codes(follow_up_for_adolescent_depression)}}
     OR source_code IN {{codes(adolescent_depression_medications)}}
  UNION ALL
  SELECT person_id, ordered_at, from_time, until_time, is_order, 2 AS track
  FROM follow_ups
  WHERE source_code IN {{codes(referral_for_adult_depression)}} OR source_code IN {{codes(follow_up_for_adult_depression)}}
     OR source_code IN {{codes(adult_depression_medications)}}
),
-- During the encounter; an order at most two days after the day it ends, in the period; or a drug taken beyond the encounter that began by its end.
followed AS (
  SELECT DISTINCT r.person_id
  FROM recent r
  JOIN visits v ON v.person_id = r.person_id AND {{days_between(r.screened_at, v.started)}} BETWEEN 0 AND 14
  JOIN tracked t ON t.person_id = r.person_id AND t.track = r.track
  WHERE r.place = 1 AND r.result IN {{codes(screening_positive)}}
    AND ((t.ordered_at >= v.started AND t.ordered_at <= v.ended)
      OR (t.is_order = 1 AND {{days_between(v.ended, t.ordered_at)}} BETWEEN 0 AND 2 AND CAST(t.ordered_at AS DATE) <= {{period_end}})
      OR (t.from_time <= v.ended AND t.until_time > v.ended))
),
done AS (
  SELECT person_id FROM recent WHERE place = 1 AND result IN {{codes(screening_negative)}}
  UNION
  SELECT person_id FROM followed
),
-- Exception: not screened, for a reason given on the day of a qualifying encounter.
excused AS (
  SELECT DISTINCT o.person_id
  FROM observation o
  JOIN visits v ON v.person_id = o.person_id AND CAST(o.issued_datetime AS DATE) BETWEEN CAST(v.started AS DATE) AND CAST(v.ended AS DATE)
  LEFT JOIN recent r ON r.person_id = o.person_id
  WHERE r.person_id IS NULL AND LOWER(o.status) = 'cancelled'
    AND ((o.source_code IN {{codes(adolescent_screening)}} AND v.age_at_start BETWEEN 12 AND 17)
      OR (o.source_code IN {{codes(adult_screening)}} AND v.age_at_start >= 17))
    AND (o.status_reason_code IN {{codes(screening_declined)}} OR o.status_reason_code IN {{codes(medical_reason)}})
),
result AS (
  SELECT p.person_id, a.practice, 1 AS initial_population, 1 AS denominator, CASE WHEN b.person_id IS NULL THEN 0 ELSE 1 END AS exclusion,
         CASE WHEN x.person_id IS NULL OR d.person_id IS NOT NULL THEN 0 ELSE 1 END AS exception, CASE WHEN d.person_id IS NULL THEN 0 ELSE 1 END AS numerator
  FROM population p
  JOIN attributed a ON a.person_id = p.person_id
  LEFT JOIN bipolar b ON b.person_id = p.person_id
  LEFT JOIN done d ON d.person_id = p.person_id
  LEFT JOIN excused x ON x.person_id = p.person_id
)
{{summary_v1(1, 1)}}
