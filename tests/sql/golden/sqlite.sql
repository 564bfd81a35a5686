-- customer@ad28f194a713 in SQL for SQLite, by Augury 0.1.0: change the model, not this.
-- A refused row has no churn_probability; faults says by which codes and fields it is refused.
--
-- It reads customers: customerID (text), Contract (text), SeniorCitizen (integer), Paperless (boolean), tenure
-- (integer), MonthlyCharges (number).
--
-- cleaned: what each column says to its field: a number, a level, 1 or 0; null where it says none
-- checked: what is wrong with each row, by the contract
-- margins: the margin, in log-odds, of rows with which nothing is wrong
-- answers: the probability
DROP VIEW IF EXISTS;

CREATE VIEW churn_scores AS
WITH cleaned AS (
  SELECT
    *,
    CASE CAST("Contract" AS TEXT) COLLATE BINARY
      WHEN 'Month-to-month'
      THEN 'month-to-month'
      WHEN 'month-to-month'
      THEN 'month-to-month'
      WHEN 'One year'
      THEN 'one_year'
      WHEN 'one_year'
      THEN 'one_year'
      WHEN 'Two year'
      THEN 'two_year'
      WHEN 'two_year'
      THEN 'two_year'
      ELSE CASE REPLACE(REPLACE(LOWER(CAST("Contract" AS TEXT) COLLATE BINARY), ' ', '_'), '-', '_') COLLATE BINARY
        WHEN 'month_to_month'
        THEN 'month-to-month'
        WHEN 'one_year'
        THEN 'one_year'
        WHEN 'two_year'
        THEN 'two_year'
      END
    END AS "clean_contract",
    CASE
      WHEN CAST("SeniorCitizen" AS REAL) IN (0.0, 1.0)
      THEN CAST("SeniorCitizen" AS REAL)
    END AS "clean_seniorcitizen",
    CASE WHEN "Paperless" THEN 1.0 WHEN NOT "Paperless" THEN 0.0 END AS "clean_paperless",
    CAST("tenure" AS REAL) AS "clean_tenure",
    CAST("MonthlyCharges" AS REAL) AS "clean_monthlycharges"
  FROM customers
  LIMIT -1
), checked AS (
  SELECT
    *,
    SUBSTR(
      (
        COALESCE(
          ',' || CASE
            WHEN CAST("customerID" AS TEXT) COLLATE BINARY GLOB (
              (
                '*[' || CHAR(1)
              ) || (
                '-' || (
                  CHAR(31) || ']*'
                )
              )
            )
            OR INSTR(CAST("customerID" AS TEXT) COLLATE BINARY, CHAR(0)) > 0
            THEN '{"code":"control_character","field":"customerid"}'
          END,
          ''
        ) || (
          COALESCE(
            ',' || CASE
              WHEN "Contract" IS NULL
              THEN '{"code":"null","field":"contract"}'
              WHEN "clean_contract" IS NULL
              AND (
                CAST("Contract" AS TEXT) COLLATE BINARY GLOB (
                  (
                    '*[' || CHAR(1)
                  ) || (
                    '-' || (
                      CHAR(31) || ']*'
                    )
                  )
                )
                OR INSTR(CAST("Contract" AS TEXT) COLLATE BINARY, CHAR(0)) > 0
              )
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
          )
        )
      ) || (
        COALESCE(
          ',' || CASE WHEN "Paperless" IS NULL THEN '{"code":"null","field":"paperless"}' END,
          ''
        ) || (
          COALESCE(
            ',' || CASE
              WHEN "tenure" IS NULL
              THEN '{"code":"null","field":"tenure"}'
              WHEN NOT (
                "tenure" BETWEEN -9007199254740992 AND 9007199254740992
              )
              THEN '{"code":"not_integer","field":"tenure"}'
              WHEN NOT (
                "clean_tenure" BETWEEN 0.0 AND 144.0
              )
              THEN '{"code":"range","field":"tenure"}'
            END,
            ''
          ) || COALESCE(
            ',' || CASE
              WHEN "MonthlyCharges" IS NULL
              THEN '{"code":"null","field":"monthlycharges"}'
              WHEN NOT (
                ABS(CAST("MonthlyCharges" AS REAL)) < 9e999
              )
              THEN '{"code":"not_finite","field":"monthlycharges"}'
              WHEN NOT (
                "clean_monthlycharges" BETWEEN 0.0 AND 219.25
              )
              THEN '{"code":"range","field":"monthlycharges"}'
            END,
            ''
          )
        )
      ),
      2
    ) AS "fault_list",
    SUBSTR(
      COALESCE(
        ',' || CASE
          WHEN NOT (
            "clean_tenure" BETWEEN 0.0 AND 72.0
          )
          AND "clean_tenure" BETWEEN 0.0 AND 144.0
          THEN '{"code":"range","field":"tenure"}'
        END,
        ''
      ) || COALESCE(
        ',' || CASE
          WHEN NOT (
            "clean_monthlycharges" BETWEEN 18.25 AND 118.75
          )
          AND "clean_monthlycharges" BETWEEN 0.0 AND 219.25
          THEN '{"code":"range","field":"monthlycharges"}'
        END,
        ''
      ),
      2
    ) AS "note_list"
  FROM cleaned
  LIMIT -1
), margins AS (
  SELECT
    *,
    CASE
      WHEN "fault_list" = ''
      THEN (
        0.5 + (
          CASE CAST("clean_contract" AS TEXT) COLLATE BINARY
            WHEN 'month-to-month'
            THEN 0.5
            WHEN 'one_year'
            THEN -0.25
            WHEN 'two_year'
            THEN -1.0
          END + 0.5 * "clean_seniorcitizen"
        )
      ) + (
        0.125 * "clean_paperless" + (
          -(
            1.0 / 32.0
          ) * "clean_tenure" + (
            1.0 / 64.0
          ) * "clean_monthlycharges"
        )
      )
    END AS "margin"
  FROM checked
  LIMIT -1
), answers AS (
  SELECT
    *,
    CASE
      WHEN "margin" >= 0.0
      THEN 1.0 / (
        1.0 + EXP(CASE WHEN -"margin" >= -700.0 THEN -"margin" ELSE -700.0 END)
      )
      WHEN NOT (
        "margin" IS NULL
      )
      THEN EXP(CASE WHEN "margin" >= -700.0 THEN "margin" ELSE -700.0 END) / (
        1.0 + EXP(CASE WHEN "margin" >= -700.0 THEN "margin" ELSE -700.0 END)
      )
    END AS "probability"
  FROM margins
  LIMIT -1
)
SELECT
  "customerID",
  "probability" AS "churn_probability",
  "probability" >= 0.5 AS "churn",
  "margin" AS "margin",
  CASE
    WHEN "fault_list" <> ''
    THEN '[' || (
      "fault_list" || ']'
    )
    WHEN "margin" IS NULL
    THEN '[' || (
      '{"code":"overflow","field":""}' || ']'
    )
  END AS "faults",
  CASE
    WHEN "note_list" <> '' AND NOT (
      "margin" IS NULL
    )
    THEN '[' || (
      "note_list" || ']'
    )
  END AS "notes"
FROM answers;
