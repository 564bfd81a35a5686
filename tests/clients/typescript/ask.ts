/**
 * Asks with a client that was generated from the service's own description: `node ask.js URL` prints one JSON object.
 *
 * What must not compile says so, and the compiler refuses a line that says so and compiles.
 */
import createClient from "openapi-fetch";
import type { components, paths } from "./augury.d.ts";

declare const process: { argv: string[] };

type Customer = components["schemas"]["ChurnRecord"];

const customer: Customer = {
  gender: "female", seniorcitizen: 0, partner: "yes", dependents: "no", phoneservice: "no",
  multiplelines: "no_phone_service", internetservice: "dsl", onlinesecurity: "no", onlinebackup: "yes",
  deviceprotection: "no", techsupport: "no", streamingtv: "no", streamingmovies: "no", contract: "month-to-month",
  paperlessbilling: "yes", paymentmethod: "electronic_check", tenure: 1, monthlycharges: 29.85, totalcharges: 29.85,
};

// @ts-expect-error - a level that the model has not
const wrongLevel: Customer = { ...customer, gender: "woman" };
// @ts-expect-error - a text for a number
const wrongType: Customer = { ...customer, tenure: "12" };
const { contract: _, ...unfinished } = customer;
// @ts-expect-error - a field is missing
const tooShort: Customer = unfinished;

const augury = createClient<paths>({ baseUrl: process.argv[2]! });
// @ts-expect-error - a path that the service has not
const nowhere = () => augury.GET("/nowhere");
// @ts-expect-error - an option that the path has not
const misspelt = () => augury.POST("/predict", { params: { query: { explian: true } }, body: customer });

const one = await augury.POST("/predict", { body: customer });
const same = await augury.POST("/models/churn/predict", { body: customer });
const explained = await augury.POST("/explain", { body: customer });
const many = await augury.POST("/predict", { body: [customer, { ...customer, tenure: -999 }] });
const refused = await augury.POST("/predict", { body: { ...customer, tenure: -999 } });
const served = await augury.GET("/models");
const ready = await augury.GET("/readyz");
const model = await augury.GET("/v2/models/churn");

const answers: (number | string)[] = [];
if (Array.isArray(many.data)) {
  for (const row of many.data) answers.push("faults" in row ? row.faults[0]!.code : row.churn_probability);
}

console.log(
  JSON.stringify({
    probability: typeof one.data === "object" && "churn" in one.data ? one.data.churn_probability : null,
    label: typeof same.data === "object" && "churn" in same.data ? same.data.churn : null,
    contributions:
      typeof explained.data === "object" && "contributions" in explained.data
        ? Object.keys(explained.data.contributions).length
        : null,
    answers,
    refused: [refused.response.status, refused.error?.faults?.[0]?.pointer],
    served: served.data?.models.map((each) => each.name),
    ready: ready.response.status,
    inputs: model.data?.inputs.length,
  }),
);
