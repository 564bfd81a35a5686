-- customer@ad28f194a713 in SQL for DuckDB, by Augury 0.1.0: change the model, not this.
-- A refused row has no churn_probability; faults says by which codes and fields it is refused.
--
-- It reads customers: customerID (text), Contract (text), SeniorCitizen (integer), Paperless (boolean), tenure
-- (integer), MonthlyCharges (number).
--
-- quick:   the margin of rows just as training saw them; null for all that want a closer look
-- cleaned: what each column says to its field: a number, a level, 1 or 0; null where it says none
-- checked: what is wrong with each row, by the contract
-- margins: the margin, in log-odds, of rows with which nothing is wrong
-- answers: the probability
CREATE OR REPLACE VIEW churn_scores AS
WITH quick AS (
  SELECT
    *,
    CASE
      WHEN NOT CASE
        WHEN STRLEN(CAST(ENCODE("customerID") AS TEXT)) = STRLEN("customerID")
        THEN FALSE
        ELSE REGEXP_MATCHES("customerID", '[\x00-\x1f]')
      END
      THEN (
        0.5e0 + (
          MAP {'Month-to-month': 0.5e0, 'month-to-month': 0.5e0, 'One year': -0.25e0, 'one_year': -0.25e0, 'Two year': -1.0e0, 'two_year': -1.0e0}["Contract"] + 0.5e0 * CASE "SeniorCitizen" WHEN 0.0e0 THEN 0.0e0 WHEN 1.0e0 THEN 1.0e0 END
        )
      ) + (
        0.125e0 * CASE CASE WHEN "Paperless" THEN 1.0e0 WHEN NOT "Paperless" THEN 0.0e0 END
          WHEN 0.0e0
          THEN 0.0e0
          WHEN 1.0e0
          THEN 1.0e0
        END + (
          -0.03125e0 * CASE
            WHEN CAST("tenure" AS DOUBLE) BETWEEN 0.0e0 AND 72.0e0
            THEN CAST("tenure" AS DOUBLE)
          END + 0.015625e0 * CASE
            WHEN CASE
              WHEN NOT ISNAN(CAST("MonthlyCharges" AS DOUBLE))
              THEN CAST("MonthlyCharges" AS DOUBLE)
            END BETWEEN 18.25e0 AND 118.75e0
            THEN CASE
              WHEN NOT ISNAN(CAST("MonthlyCharges" AS DOUBLE))
              THEN CAST("MonthlyCharges" AS DOUBLE)
            END
          END
        )
      )
    END AS "quick_margin"
  FROM customers
), cleaned AS (
  SELECT
    *,
    CASE
      WHEN "quick_margin" IS NULL
      THEN {'clean_contract': COALESCE(
        MAP {'Month-to-month': 'month-to-month', 'month-to-month': 'month-to-month', 'One year': 'one_year', 'one_year': 'one_year', 'Two year': 'two_year', 'two_year': 'two_year'}["Contract"],
        MAP {'month_to_month': 'month-to-month', 'one_year': 'one_year', 'two_year': 'two_year'}[TRANSLATE("Contract", 'ABCDEFGHIJKLMNOPQRSTUVWXYZ -', 'abcdefghijklmnopqrstuvwxyz__')]
      ), 'clean_seniorcitizen': CASE
        WHEN CAST("SeniorCitizen" AS DOUBLE) IN (0.0e0, 1.0e0)
        THEN CAST("SeniorCitizen" AS DOUBLE)
      END, 'clean_paperless': CASE WHEN "Paperless" THEN 1.0e0 WHEN NOT "Paperless" THEN 0.0e0 END, 'clean_tenure': CAST("tenure" AS DOUBLE), 'clean_monthlycharges': CASE
        WHEN NOT ISNAN(CAST("MonthlyCharges" AS DOUBLE))
        THEN CAST("MonthlyCharges" AS DOUBLE)
      END}
    END AS "clean"
  FROM quick
), checked AS (
  SELECT
    *,
    CASE
      WHEN "quick_margin" IS NULL
      THEN CONCAT_WS(
        ',',
        CASE
          WHEN CASE
            WHEN STRLEN(CAST(ENCODE("customerID") AS TEXT)) = STRLEN("customerID")
            THEN FALSE
            ELSE REGEXP_MATCHES("customerID", '[\x00-\x1f]')
          END
          THEN '{"code":"control_character","field":"customerid"}'
        END,
        CASE
          WHEN "Contract" IS NULL
          THEN '{"code":"null","field":"contract"}'
          WHEN "clean"."clean_contract" IS NULL
          AND CASE
            WHEN STRLEN(CAST(ENCODE("Contract") AS TEXT)) = STRLEN("Contract")
            THEN FALSE
            ELSE REGEXP_MATCHES("Contract", '[\x00-\x1f]')
          END
          THEN '{"code":"control_character","field":"contract"}'
          WHEN "clean"."clean_contract" IS NULL
          THEN '{"code":"level","field":"contract"}'
        END,
        CASE
          WHEN "SeniorCitizen" IS NULL
          THEN '{"code":"null","field":"seniorcitizen"}'
          WHEN "clean"."clean_seniorcitizen" IS NULL
          THEN '{"code":"level","field":"seniorcitizen"}'
        END,
        CASE WHEN "Paperless" IS NULL THEN '{"code":"null","field":"paperless"}' END,
        CASE
          WHEN "tenure" IS NULL
          THEN '{"code":"null","field":"tenure"}'
          WHEN NOT (
            "tenure" BETWEEN -9007199254740992 AND 9007199254740992
          )
          THEN '{"code":"not_integer","field":"tenure"}'
          WHEN NOT (
            "clean"."clean_tenure" BETWEEN 0.0e0 AND 144.0e0
          )
          THEN '{"code":"range","field":"tenure"}'
        END,
        CASE
          WHEN "MonthlyCharges" IS NULL OR ISNAN(CAST("MonthlyCharges" AS DOUBLE))
          THEN '{"code":"null","field":"monthlycharges"}'
          WHEN NOT ISFINITE(
            CASE
              WHEN NOT ISNAN(CAST("MonthlyCharges" AS DOUBLE))
              THEN CAST("MonthlyCharges" AS DOUBLE)
            END
          )
          THEN '{"code":"not_finite","field":"monthlycharges"}'
          WHEN NOT (
            "clean"."clean_monthlycharges" BETWEEN 0.0e0 AND 219.25e0
          )
          THEN '{"code":"range","field":"monthlycharges"}'
        END
      )
      ELSE ''
    END AS "fault_list",
    CASE
      WHEN "quick_margin" IS NULL
      THEN CONCAT_WS(
        ',',
        CASE
          WHEN NOT (
            "clean"."clean_tenure" BETWEEN 0.0e0 AND 72.0e0
          )
          AND "clean"."clean_tenure" BETWEEN 0.0e0 AND 144.0e0
          THEN '{"code":"range","field":"tenure"}'
        END,
        CASE
          WHEN NOT (
            "clean"."clean_monthlycharges" BETWEEN 18.25e0 AND 118.75e0
          )
          AND "clean"."clean_monthlycharges" BETWEEN 0.0e0 AND 219.25e0
          THEN '{"code":"range","field":"monthlycharges"}'
        END
      )
      ELSE ''
    END AS "note_list"
  FROM cleaned
), margins AS (
  SELECT
    *,
    COALESCE(
      "quick_margin",
      CASE
        WHEN "fault_list" = ''
        THEN (
          0.5e0 + (
            MAP {'month-to-month': 0.5e0, 'one_year': -0.25e0, 'two_year': -1.0e0}["clean"."clean_contract"] + 0.5e0 * (
              "clean"."clean_seniorcitizen"
            )
          )
        ) + (
          0.125e0 * (
            "clean"."clean_paperless"
          ) + (
            -0.03125e0 * (
              "clean"."clean_tenure"
            ) + 0.015625e0 * (
              "clean"."clean_monthlycharges"
            )
          )
        )
      END
    ) AS "margin"
  FROM checked
), answers AS (
  SELECT
    *,
    CASE
      WHEN "margin" >= 0.0e0
      THEN 1.0e0 / (
        1.0e0 + EXP(CASE WHEN -"margin" >= -700.0e0 THEN -"margin" ELSE -700.0e0 END)
      )
      WHEN NOT (
        "margin" IS NULL
      )
      THEN EXP(CASE WHEN "margin" >= -700.0e0 THEN "margin" ELSE -700.0e0 END) / (
        1.0e0 + EXP(CASE WHEN "margin" >= -700.0e0 THEN "margin" ELSE -700.0e0 END)
      )
    END AS "probability"
  FROM margins
)
SELECT
  "customerID",
  "probability" AS "churn_probability",
  "probability" >= 0.5e0 AS "churn",
  "margin" AS "margin",
  CASE
    WHEN "fault_list" <> ''
    THEN CONCAT('[', "fault_list", ']')
    WHEN "margin" IS NULL
    THEN CONCAT('[', '{"code":"overflow","field":""}', ']')
  END AS "faults",
  CASE
    WHEN "note_list" <> '' AND NOT (
      "margin" IS NULL
    )
    THEN CONCAT('[', "note_list", ']')
  END AS "notes"
FROM answers;
