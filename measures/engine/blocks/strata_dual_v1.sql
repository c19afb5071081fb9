-- Dual eligibility or the Part D low income subsidy at any time of the period.
SELECT person_id,
       CASE WHEN MAX(CASE WHEN dual_status_code IN ('01', '02', '03', '04', '05', '06', '08', '1', '2', '3', '4', '5', '6', '8')
                            OR LOWER(low_income_subsidy_indicator) IN ('1', 'y', 'yes', 'true') THEN 1 ELSE 0 END) = 1
            THEN 'dual-or-lis' ELSE 'neither' END AS stratum
FROM eligibility
WHERE enrollment_start_date <= {{period_end}} AND enrollment_end_date >= {{period_start}}
GROUP BY person_id
