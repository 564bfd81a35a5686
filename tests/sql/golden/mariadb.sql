-- customer@ad28f194a713 in SQL for MariaDB, by Augury 0.1.0: change the model, not this.
-- A refused row has no churn_probability; faults says by which codes and fields it is refused.
--
-- It reads customers: customerID (text), Contract (text), SeniorCitizen (integer), Paperless (boolean), tenure
-- (integer), MonthlyCharges (number).
--
-- cleaned: what each column says to its field: a number, a level, 1 or 0; null where it says none
-- checked: what is wrong with each row, by the contract
-- margins: the margin, in log-odds, of rows with which nothing is wrong
-- answers: the probability
CREATE OR REPLACE VIEW churn_scores AS
WITH cleaned AS (
  SELECT
    *,
    CASE CAST(`Contract` AS CHAR) COLLATE utf8mb4_nopad_bin
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
      ELSE CASE REPLACE(
          REPLACE(
            REPLACE(
              REPLACE(
                REPLACE(
                  REPLACE(
                    REPLACE(
                      REPLACE(
                        REPLACE(
                          REPLACE(
                            REPLACE(
                              REPLACE(
                                REPLACE(
                                  REPLACE(
                                    REPLACE(
                                      REPLACE(
                                        REPLACE(
                                          REPLACE(
                                            REPLACE(
                                              REPLACE(
                                                REPLACE(
                                                  REPLACE(
                                                    REPLACE(
                                                      REPLACE(
                                                        REPLACE(
                                                          REPLACE(
                                                            REPLACE(REPLACE(CAST(`Contract` AS CHAR) COLLATE utf8mb4_nopad_bin, 'A', 'a'), 'B', 'b'),
                                                            'C',
                                                            'c'
                                                          ),
                                                          'D',
                                                          'd'
                                                        ),
                                                        'E',
                                                        'e'
                                                      ),
                                                      'F',
                                                      'f'
                                                    ),
                                                    'G',
                                                    'g'
                                                  ),
                                                  'H',
                                                  'h'
                                                ),
                                                'I',
                                                'i'
                                              ),
                                              'J',
                                              'j'
                                            ),
                                            'K',
                                            'k'
                                          ),
                                          'L',
                                          'l'
                                        ),
                                        'M',
                                        'm'
                                      ),
                                      'N',
                                      'n'
                                    ),
                                    'O',
                                    'o'
                                  ),
                                  'P',
                                  'p'
                                ),
                                'Q',
                                'q'
                              ),
                              'R',
                              'r'
                            ),
                            'S',
                            's'
                          ),
                          'T',
                          't'
                        ),
                        'U',
                        'u'
                      ),
                      'V',
                      'v'
                    ),
                    'W',
                    'w'
                  ),
                  'X',
                  'x'
                ),
                'Y',
                'y'
              ),
              'Z',
              'z'
            ),
            ' ',
            '_'
          ),
          '-',
          '_'
        )
        WHEN 'month_to_month'
        THEN 'month-to-month'
        WHEN 'one_year'
        THEN 'one_year'
        WHEN 'two_year'
        THEN 'two_year'
      END
    END AS `clean_contract`,
    CASE
      WHEN CAST(`SeniorCitizen` AS DOUBLE) IN (0.0e0, 1.0e0)
      THEN CAST(`SeniorCitizen` AS DOUBLE)
    END AS `clean_seniorcitizen`,
    CASE WHEN `Paperless` THEN 1.0e0 WHEN NOT `Paperless` THEN 0.0e0 END AS `clean_paperless`,
    CAST(`tenure` AS DOUBLE) AS `clean_tenure`,
    CAST(`MonthlyCharges` AS DOUBLE) AS `clean_monthlycharges`
  FROM customers
  HAVING
    TRUE
), checked AS (
  SELECT
    *,
    CONCAT_WS(
      ',',
      CASE
        WHEN REGEXP_INSTR(
          CAST(`customerID` AS CHAR) COLLATE utf8mb4_nopad_bin,
          CONCAT('[', CHAR(  0 USING utf8mb4), '-', CHAR(  31 USING utf8mb4), ']')
        ) > 0
        THEN '{"code":"control_character","field":"customerid"}'
      END,
      CASE
        WHEN `Contract` IS NULL
        THEN '{"code":"null","field":"contract"}'
        WHEN `clean_contract` IS NULL
        AND REGEXP_INSTR(
          CAST(`Contract` AS CHAR) COLLATE utf8mb4_nopad_bin,
          CONCAT('[', CHAR(  0 USING utf8mb4), '-', CHAR(  31 USING utf8mb4), ']')
        ) > 0
        THEN '{"code":"control_character","field":"contract"}'
        WHEN `clean_contract` IS NULL
        THEN '{"code":"level","field":"contract"}'
      END,
      CASE
        WHEN `SeniorCitizen` IS NULL
        THEN '{"code":"null","field":"seniorcitizen"}'
        WHEN `clean_seniorcitizen` IS NULL
        THEN '{"code":"level","field":"seniorcitizen"}'
      END,
      CASE WHEN `Paperless` IS NULL THEN '{"code":"null","field":"paperless"}' END,
      CASE
        WHEN `tenure` IS NULL
        THEN '{"code":"null","field":"tenure"}'
        WHEN NOT (
          `tenure` BETWEEN -9007199254740992 AND 9007199254740992
        )
        THEN '{"code":"not_integer","field":"tenure"}'
        WHEN NOT (
          `clean_tenure` BETWEEN 0.0e0 AND 144.0e0
        )
        THEN '{"code":"range","field":"tenure"}'
      END,
      CASE
        WHEN `MonthlyCharges` IS NULL
        THEN '{"code":"null","field":"monthlycharges"}'
        WHEN NOT (
          ABS(CAST(`MonthlyCharges` AS DOUBLE)) <> 1.797693134862314e+308
        )
        THEN '{"code":"not_finite","field":"monthlycharges"}'
        WHEN NOT (
          `clean_monthlycharges` BETWEEN 0.0e0 AND 219.25e0
        )
        THEN '{"code":"range","field":"monthlycharges"}'
      END
    ) AS `fault_list`,
    CONCAT_WS(
      ',',
      CASE
        WHEN NOT (
          `clean_tenure` BETWEEN 0.0e0 AND 72.0e0
        )
        AND `clean_tenure` BETWEEN 0.0e0 AND 144.0e0
        THEN '{"code":"range","field":"tenure"}'
      END,
      CASE
        WHEN NOT (
          `clean_monthlycharges` BETWEEN 18.25e0 AND 118.75e0
        )
        AND `clean_monthlycharges` BETWEEN 0.0e0 AND 219.25e0
        THEN '{"code":"range","field":"monthlycharges"}'
      END
    ) AS `note_list`
  FROM cleaned
  HAVING
    TRUE
), margins AS (
  SELECT
    *,
    CASE
      WHEN `fault_list` = ''
      THEN (
        0.5e0 + (
          CASE CAST(`clean_contract` AS CHAR) COLLATE utf8mb4_nopad_bin
            WHEN 'month-to-month'
            THEN 0.5e0
            WHEN 'one_year'
            THEN -0.25e0
            WHEN 'two_year'
            THEN -1.0e0
          END + 0.5e0 * `clean_seniorcitizen`
        )
      ) + (
        0.125e0 * `clean_paperless` + (
          -0.03125e0 * `clean_tenure` + 0.015625e0 * `clean_monthlycharges`
        )
      )
    END AS `margin`
  FROM checked
  HAVING
    TRUE
), answers AS (
  SELECT
    *,
    CASE
      WHEN `margin` >= 0.0e0
      THEN 1.0e0 / (
        1.0e0 + EXP(CASE WHEN -`margin` >= -700.0e0 THEN -`margin` ELSE -700.0e0 END)
      )
      WHEN NOT (
        `margin` IS NULL
      )
      THEN EXP(CASE WHEN `margin` >= -700.0e0 THEN `margin` ELSE -700.0e0 END) / (
        1.0e0 + EXP(CASE WHEN `margin` >= -700.0e0 THEN `margin` ELSE -700.0e0 END)
      )
    END AS `probability`
  FROM margins
  HAVING
    TRUE
)
SELECT
  `customerID`,
  `probability` AS `churn_probability`,
  `probability` >= 0.5e0 AS `churn`,
  `margin` AS `margin`,
  CASE
    WHEN `fault_list` <> ''
    THEN CONCAT('[', `fault_list`, ']')
    WHEN `margin` IS NULL
    THEN CONCAT('[', '{"code":"overflow","field":""}', ']')
  END AS `faults`,
  CASE
    WHEN `note_list` <> '' AND NOT (
      `margin` IS NULL
    )
    THEN CONCAT('[', `note_list`, ']')
  END AS `notes`
FROM answers;
