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
-- Screenings done, with the track they are of: 1 adolescent, 2 adult. An effective period counts by its end where the 14 days are concerned, by its
-- start where the last one is looked for.
screenings AS (
  SELECT DISTINCT o.person_id, CASE WHEN o.source_code IN {{codes(adolescent_screening)}} THEN 1 ELSE 2 END AS track, o.result,
         COALESCE(o.observation_datetime, CAST(o.observation_date AS TIMESTAMP)) AS screened_at,
         COALESCE(o.observation_end_datetime, o.observation_datetime, CAST(o.observation_date AS TIMESTAMP)) AS screened_until
  FROM observation o
  WHERE LOWER(COALESCE(o.status, 'final')) IN ('final', 'corrected') AND o.result IS NOT NULL
    AND (o.source_code IN {{codes(adolescent_screening)}} OR o.source_code IN {{codes(adult_screening)}})
),
-- The last of each track that is on the day of a qualifying encounter's start or at most 14 days before; several codes of its value share its place.
recent AS (
  SELECT person_id, age_at_start, track, screened_at, result, RANK() OVER (PARTITION BY person_id, track ORDER BY screened_at DESC) AS place
  FROM (
    SELECT DISTINCT s.person_id, v.age_at_start, s.track, s.screened_at, s.result
    FROM screenings s
    JOIN visits v ON v.person_id = s.person_id AND {{days_between(s.screened_until, v.started)}} BETWEEN 0 AND 14
  ) AS near
),
-- Those that decide: the adolescent one from 12 to 17, the adult one from 17 on; at 17 either.
deciding AS (
  SELECT person_id, track, screened_at, result
  FROM recent
  WHERE place = 1 AND ((track = 1 AND age_at_start BETWEEN 12 AND 17) OR (track = 2 AND age_at_start >= 17))
),
-- The encounters that a positive screening belongs to.
positive AS (
  SELECT DISTINCT d.person_id, d.track, v.started, v.ended
  FROM deciding d
  JOIN visits v ON v.person_id = d.person_id AND {{days_between(d.screened_at, v.started)}} BETWEEN 0 AND 14
  WHERE d.result IN {{codes(screening_positive)}}
),
-- What may follow it: referrals and drugs, by their order; procedures, by their start. A drug must be taken beyond the day an encounter of the
-- screening ends, having begun by that day.
follow_ups AS (
  SELECT person_id, authored_datetime AS ordered_at, CAST(NULL AS TIMESTAMP) AS performed_at,
         CASE WHEN source_code IN {{codes(referral_for_adolescent_depression)}} THEN 1 ELSE 0 END AS adolescent,
         CASE WHEN source_code IN {{codes(referral_for_adult_depression)}} THEN 1 ELSE 0 END AS adult
  FROM service_request
  WHERE LOWER(status) IN ('active', 'completed') AND COALESCE(do_not_perform, 0) = 0
  UNION ALL
  SELECT person_id, CAST(NULL AS TIMESTAMP) AS ordered_at, procedure_datetime AS performed_at,
         CASE WHEN source_code IN {{codes(follow_up_for_adolescent_depression)}} THEN 1 ELSE 0 END AS adolescent,
         CASE WHEN source_code IN {{codes(follow_up_for_adult_depression)}} THEN 1 ELSE 0 END AS adult
  FROM procedure
  WHERE LOWER(status) = 'completed'
  UNION ALL
  SELECT m.person_id, m.authored_datetime AS ordered_at, CAST(NULL AS TIMESTAMP) AS performed_at,
         CASE WHEN w.track = 1 THEN 1 ELSE 0 END AS adolescent, CASE WHEN w.track = 2 THEN 1 ELSE 0 END AS adult
  FROM medication_request m
  JOIN positive w ON w.person_id = m.person_id AND CAST(COALESCE(m.start_datetime, m.authored_datetime) AS DATE) <= CAST(w.ended AS DATE)
    AND CAST(m.end_datetime AS DATE) > CAST(w.ended AS DATE)
  WHERE LOWER(m.status) IN ('active', 'completed') AND COALESCE(m.do_not_perform, 0) = 0
    AND LOWER(COALESCE(m.intent, 'order')) IN ('order', 'original-order', 'reflex-order', 'filler-order', 'instance-order')
    AND ((w.track = 1 AND m.source_code IN {{codes(adolescent_depression_medications)}}) OR (w.track = 2 AND m.source_code IN {{codes(adult_depression_medications)}}))
),
-- A procedure that starts during the encounter, or an order on the day the encounter ends or at most two days after; either within the period.
followed AS (
  SELECT DISTINCT w.person_id
  FROM positive w
  JOIN follow_ups f ON f.person_id = w.person_id AND ((w.track = 1 AND f.adolescent = 1) OR (w.track = 2 AND f.adult = 1))
  WHERE ((f.performed_at >= w.started AND f.performed_at <= w.ended) OR {{days_between(w.ended, f.ordered_at)}} BETWEEN 0 AND 2)
    AND CAST(COALESCE(f.performed_at, f.ordered_at) AS DATE) BETWEEN {{period_start}} AND {{period_end}}
),
done AS (
  SELECT person_id FROM deciding WHERE result IN {{codes(screening_negative)}}
  UNION
  SELECT person_id FROM followed
),
-- Exception: not screened, for a reason given on the day of a qualifying encounter, and no screening of that kind done.
excused AS (
  SELECT DISTINCT o.person_id
  FROM observation o
  JOIN visits v ON v.person_id = o.person_id AND CAST(o.issued_datetime AS DATE) BETWEEN CAST(v.started AS DATE) AND CAST(v.ended AS DATE)
  LEFT JOIN recent r ON r.person_id = o.person_id AND r.track = CASE WHEN o.source_code IN {{codes(adolescent_screening)}} THEN 1 ELSE 2 END
  WHERE r.person_id IS NULL AND LOWER(o.status) = 'cancelled'
    AND (o.source_code IN {{codes(adolescent_screening)}} OR o.source_code IN {{codes(adult_screening)}})
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
