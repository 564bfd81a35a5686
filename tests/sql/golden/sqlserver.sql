-- customer@ad28f194a713 in SQL for SQL Server, by Augury 0.1.0: change the model, not this.
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
-- No test of Augury runs SQL Server: compare a few hundred rows before you rely on it.
CREATE OR ALTER VIEW churn_scores AS
WITH cleaned AS (
  SELECT
    *,
    CASE (
        [Contract] + '.'
      ) COLLATE Latin1_General_100_BIN2_UTF8
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
          (
            [Contract] + '.'
          ) COLLATE Latin1_General_100_BIN2_UTF8,
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
    END AS [clean_contract],
    CASE
      WHEN CAST([SeniorCitizen] AS FLOAT) IN (0.0e0, 1.0e0)
      THEN CAST([SeniorCitizen] AS FLOAT)
    END AS [clean_seniorcitizen],
    CASE WHEN [Paperless] = 1 THEN 1.0e0 WHEN NOT (
      [Paperless] = 1
    ) THEN 0.0e0 END AS [clean_paperless],
    CAST([tenure] AS FLOAT) AS [clean_tenure],
    CAST([MonthlyCharges] AS FLOAT) AS [clean_monthlycharges]
  FROM customers
), checked AS (
  SELECT
    *,
    CONCAT_WS(
      ',',
      CASE
        WHEN (
          [customerID] + '.'
        ) COLLATE Latin1_General_100_BIN2_UTF8 LIKE CONCAT('%[', CHAR(1), '-', CHAR(31), ']%')
        THEN '{"code":"control_character","field":"customerid"}'
      END,
      CASE
        WHEN [Contract] IS NULL
        THEN '{"code":"null","field":"contract"}'
        WHEN [clean_contract] IS NULL
        AND (
          [Contract] + '.'
        ) COLLATE Latin1_General_100_BIN2_UTF8 LIKE CONCAT('%[', CHAR(1), '-', CHAR(31), ']%')
        THEN '{"code":"control_character","field":"contract"}'
        WHEN [clean_contract] IS NULL
        THEN '{"code":"level","field":"contract"}'
      END,
      CASE
        WHEN [SeniorCitizen] IS NULL
        THEN '{"code":"null","field":"seniorcitizen"}'
        WHEN [clean_seniorcitizen] IS NULL
        THEN '{"code":"level","field":"seniorcitizen"}'
      END,
      CASE WHEN [Paperless] IS NULL THEN '{"code":"null","field":"paperless"}' END,
      CASE
        WHEN [tenure] IS NULL
        THEN '{"code":"null","field":"tenure"}'
        WHEN NOT (
          [tenure] BETWEEN -9007199254740992 AND 9007199254740992
        )
        THEN '{"code":"not_integer","field":"tenure"}'
        WHEN NOT (
          [clean_tenure] BETWEEN 0.0e0 AND 144.0e0
        )
        THEN '{"code":"range","field":"tenure"}'
      END,
      CASE
        WHEN [MonthlyCharges] IS NULL
        THEN '{"code":"null","field":"monthlycharges"}'
        WHEN NOT (
          NOT (
            CAST([MonthlyCharges] AS FLOAT) IS NULL
          )
        )
        THEN '{"code":"not_finite","field":"monthlycharges"}'
        WHEN NOT (
          [clean_monthlycharges] BETWEEN 0.0e0 AND 219.25e0
        )
        THEN '{"code":"range","field":"monthlycharges"}'
      END
    ) AS [fault_list],
    CONCAT_WS(
      ',',
      CASE
        WHEN NOT (
          [clean_tenure] BETWEEN 0.0e0 AND 72.0e0
        )
        AND [clean_tenure] BETWEEN 0.0e0 AND 144.0e0
        THEN '{"code":"range","field":"tenure"}'
      END,
      CASE
        WHEN NOT (
          [clean_monthlycharges] BETWEEN 18.25e0 AND 118.75e0
        )
        AND [clean_monthlycharges] BETWEEN 0.0e0 AND 219.25e0
        THEN '{"code":"range","field":"monthlycharges"}'
      END
    ) AS [note_list]
  FROM cleaned
), margins AS (
  SELECT
    *,
    CASE
      WHEN [fault_list] = ''
      THEN (
        0.5e0 + (
          CASE (
              [clean_contract] + '.'
            ) COLLATE Latin1_General_100_BIN2_UTF8
            WHEN 'month-to-month.'
            THEN 0.5e0
            WHEN 'one_year.'
            THEN -0.25e0
            WHEN 'two_year.'
            THEN -1.0e0
          END + 0.5e0 * [clean_seniorcitizen]
        )
      ) + (
        0.125e0 * [clean_paperless] + (
          -0.03125e0 * [clean_tenure] + 0.015625e0 * [clean_monthlycharges]
        )
      )
    END AS [margin]
  FROM checked
), answers AS (
  SELECT
    *,
    CASE
      WHEN [margin] >= 0.0e0
      THEN 1.0e0 / (
        1.0e0 + EXP(CASE WHEN -[margin] >= -700.0e0 THEN -[margin] ELSE -700.0e0 END)
      )
      WHEN NOT (
        [margin] IS NULL
      )
      THEN EXP(CASE WHEN [margin] >= -700.0e0 THEN [margin] ELSE -700.0e0 END) / (
        1.0e0 + EXP(CASE WHEN [margin] >= -700.0e0 THEN [margin] ELSE -700.0e0 END)
      )
    END AS [probability]
  FROM margins
)
SELECT
  [customerID],
  [probability] AS [churn_probability],
  CAST(CASE
    WHEN [probability] >= 0.5e0
    THEN 1
    WHEN NOT (
      [probability] >= 0.5e0
    )
    THEN 0
  END AS BIT) AS [churn],
  [margin] AS [margin],
  CASE
    WHEN [fault_list] <> ''
    THEN CONCAT('[', [fault_list], ']')
    WHEN [margin] IS NULL
    THEN CONCAT('[', '{"code":"overflow","field":""}', ']')
  END AS [faults],
  CASE
    WHEN [note_list] <> '' AND NOT (
      [margin] IS NULL
    )
    THEN CONCAT('[', [note_list], ']')
  END AS [notes]
FROM answers;
