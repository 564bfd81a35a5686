-- customer@ad28f194a713 in SQL for Amazon Redshift, by Augury 0.1.0: change the model, not this.
-- A refused row has no churn_probability; faults says by which codes and fields it is refused.
--
-- It reads customers: customerID (text), Contract (text), SeniorCitizen (integer), Paperless (boolean), tenure
-- (integer), MonthlyCharges (number).
--
-- cleaned: what each column says to its field: a number, a level, 1 or 0; null where it says none
-- checked: what is wrong with each row, by the contract
-- margins: the margin, in log-odds, of rows with which nothing is wrong
-- answers: the probability
--
-- No test of Augury runs Amazon Redshift: compare a few hundred rows before you rely on it.
CREATE OR REPLACE VIEW churn_scores AS
WITH cleaned AS (
  SELECT
    *,
    CASE CAST("Contract" AS VARCHAR(MAX)) || '.'
      WHEN 'Month-to-month.'
      THEN 'month-to-month'
      WHEN 'month-to-month.'
      THEN 'month-to-month'
      WHEN 'One year.'
      THEN 'one_year'
      WHEN 'one_year.'
      THEN 'one_year'
      WHEN 'Two year.'
      THEN 'two_year'
      WHEN 'two_year.'
      THEN 'two_year'
      ELSE CASE TRANSLATE(
          CAST("Contract" AS VARCHAR(MAX)) || '.',
          'ABCDEFGHIJKLMNOPQRSTUVWXYZ -',
          'abcdefghijklmnopqrstuvwxyz__'
        )
        WHEN 'month_to_month.'
        THEN 'month-to-month'
        WHEN 'one_year.'
        THEN 'one_year'
        WHEN 'two_year.'
        THEN 'two_year'
      END
    END AS "clean_contract",
    CASE
      WHEN CAST("SeniorCitizen" AS DOUBLE PRECISION) IN (CAST(0.0 AS DOUBLE PRECISION), CAST(1.0 AS DOUBLE PRECISION))
      THEN CAST("SeniorCitizen" AS DOUBLE PRECISION)
    END AS "clean_seniorcitizen",
    CASE
      WHEN "Paperless"
      THEN CAST(1.0 AS DOUBLE PRECISION)
      WHEN NOT "Paperless"
      THEN CAST(0.0 AS DOUBLE PRECISION)
    END AS "clean_paperless",
    CAST("tenure" AS DOUBLE PRECISION) AS "clean_tenure",
    CASE
      WHEN NOT (
        CAST("MonthlyCharges" AS DOUBLE PRECISION) = CAST('NaN' AS DOUBLE PRECISION)
      )
      THEN CAST("MonthlyCharges" AS DOUBLE PRECISION)
    END AS "clean_monthlycharges"
  FROM customers
), checked AS (
  SELECT
    *,
    SUBSTRING(
      COALESCE(
        ',' || CASE
          WHEN REGEXP_INSTR(CAST("customerID" AS VARCHAR(MAX)), '[' || CHR(1) || '-' || CHR(31) || ']') > 0
          THEN '{"code":"control_character","field":"customerid"}'
        END,
        ''
      ) || COALESCE(
        ',' || CASE
          WHEN "Contract" IS NULL
          THEN '{"code":"null","field":"contract"}'
          WHEN "clean_contract" IS NULL
          AND REGEXP_INSTR(CAST("Contract" AS VARCHAR(MAX)), '[' || CHR(1) || '-' || CHR(31) || ']') > 0
          THEN '{"code":"control_character","field":"contract"}'
          WHEN "clean_contract" IS NULL
          THEN '{"code":"level","field":"contract"}'
        END,
        ''
      ) || COALESCE(
        ',' || CASE
          WHEN "SeniorCitizen" IS NULL
          THEN '{"code":"null","field":"seniorcitizen"}'
          WHEN "clean_seniorcitizen" IS NULL
          THEN '{"code":"level","field":"seniorcitizen"}'
        END,
        ''
      ) || COALESCE(
        ',' || CASE WHEN "Paperless" IS NULL THEN '{"code":"null","field":"paperless"}' END,
        ''
      ) || COALESCE(
        ',' || CASE
          WHEN "tenure" IS NULL
          THEN '{"code":"null","field":"tenure"}'
          WHEN NOT (
            "tenure" BETWEEN -9007199254740992 AND 9007199254740992
          )
          THEN '{"code":"not_integer","field":"tenure"}'
          WHEN NOT (
            "clean_tenure" BETWEEN CAST(0.0 AS DOUBLE PRECISION) AND CAST(144.0 AS DOUBLE PRECISION)
          )
          THEN '{"code":"range","field":"tenure"}'
        END,
        ''
      ) || COALESCE(
        ',' || CASE
          WHEN "MonthlyCharges" IS NULL
          OR CAST("MonthlyCharges" AS DOUBLE PRECISION) = CAST('NaN' AS DOUBLE PRECISION)
          THEN '{"code":"null","field":"monthlycharges"}'
          WHEN NOT (
            ABS(
              CASE
                WHEN NOT (
                  CAST("MonthlyCharges" AS DOUBLE PRECISION) = CAST('NaN' AS DOUBLE PRECISION)
                )
                THEN CAST("MonthlyCharges" AS DOUBLE PRECISION)
              END
            ) < CAST('Infinity' AS DOUBLE PRECISION)
          )
          THEN '{"code":"not_finite","field":"monthlycharges"}'
          WHEN NOT (
            "clean_monthlycharges" BETWEEN CAST(0.0 AS DOUBLE PRECISION) AND CAST(219.25 AS DOUBLE PRECISION)
          )
          THEN '{"code":"range","field":"monthlycharges"}'
        END,
        ''
      ),
      2
    ) AS "fault_list",
    SUBSTRING(
      COALESCE(
        ',' || CASE
          WHEN NOT (
            "clean_tenure" BETWEEN CAST(0.0 AS DOUBLE PRECISION) AND CAST(72.0 AS DOUBLE PRECISION)
          )
          AND "clean_tenure" BETWEEN CAST(0.0 AS DOUBLE PRECISION) AND CAST(144.0 AS DOUBLE PRECISION)
          THEN '{"code":"range","field":"tenure"}'
        END,
        ''
      ) || COALESCE(
        ',' || CASE
          WHEN NOT (
            "clean_monthlycharges" BETWEEN CAST(18.25 AS DOUBLE PRECISION) AND CAST(118.75 AS DOUBLE PRECISION)
          )
          AND "clean_monthlycharges" BETWEEN CAST(0.0 AS DOUBLE PRECISION) AND CAST(219.25 AS DOUBLE PRECISION)
          THEN '{"code":"range","field":"monthlycharges"}'
        END,
        ''
      ),
      2
    ) AS "note_list"
  FROM cleaned
), margins AS (
  SELECT
    *,
    CASE
      WHEN "fault_list" = ''
      THEN (
        CAST(0.5 AS DOUBLE PRECISION) + (
          CASE CAST("clean_contract" AS VARCHAR(MAX)) || '.'
            WHEN 'month-to-month.'
            THEN CAST(0.5 AS DOUBLE PRECISION)
            WHEN 'one_year.'
            THEN CAST(-0.25 AS DOUBLE PRECISION)
            WHEN 'two_year.'
            THEN CAST(-1.0 AS DOUBLE PRECISION)
          END + CAST(0.5 AS DOUBLE PRECISION) * "clean_seniorcitizen"
        )
      ) + (
        CAST(0.125 AS DOUBLE PRECISION) * "clean_paperless" + (
          CAST(-0.03125 AS DOUBLE PRECISION) * "clean_tenure" + CASE
            WHEN "clean_monthlycharges" BETWEEN CAST(-1.6E-322 AS DOUBLE PRECISION) AND CAST(1.6e-322 AS DOUBLE PRECISION)
            THEN CAST(0.0 AS DOUBLE PRECISION)
            ELSE CAST(0.015625 AS DOUBLE PRECISION) * "clean_monthlycharges"
          END
        )
      )
    END AS "margin"
  FROM checked
), answers AS (
  SELECT
    *,
    CASE
      WHEN "margin" >= CAST(0.0 AS DOUBLE PRECISION)
      THEN CAST(1.0 AS DOUBLE PRECISION) / (
        CAST(1.0 AS DOUBLE PRECISION) + EXP(
          CASE
            WHEN -"margin" >= CAST(-700.0 AS DOUBLE PRECISION)
            THEN -"margin"
            ELSE CAST(-700.0 AS DOUBLE PRECISION)
          END
        )
      )
      WHEN NOT (
        "margin" IS NULL
      )
      THEN EXP(
        CASE
          WHEN "margin" >= CAST(-700.0 AS DOUBLE PRECISION)
          THEN "margin"
          ELSE CAST(-700.0 AS DOUBLE PRECISION)
        END
      ) / (
        CAST(1.0 AS DOUBLE PRECISION) + EXP(
          CASE
            WHEN "margin" >= CAST(-700.0 AS DOUBLE PRECISION)
            THEN "margin"
            ELSE CAST(-700.0 AS DOUBLE PRECISION)
          END
        )
      )
    END AS "probability"
  FROM margins
)
SELECT
  "customerID",
  "probability" AS "churn_probability",
  "probability" >= CAST(0.5 AS DOUBLE PRECISION) AS "churn",
  "margin" AS "margin",
  CASE
    WHEN "fault_list" <> ''
    THEN '[' || "fault_list" || ']'
    WHEN "margin" IS NULL
    THEN '[' || '{"code":"overflow","field":""}' || ']'
  END AS "faults",
  CASE
    WHEN "note_list" <> '' AND NOT (
      "margin" IS NULL
    )
    THEN '[' || "note_list" || ']'
  END AS "notes"
FROM answers;
