// Asks at a constant rate for the records of a file, one after the other, and tells the latencies as JSON.
import exec from "k6/execution";
import http from "k6/http";
import { SharedArray } from "k6/data";

const records = new SharedArray("records", () => open(__ENV.RECORDS).split("\n").filter((line) => line));
const asked = { headers: { "Content-Type": "application/json" } };

export const options = {
  discardResponseBodies: true,
  summaryTrendStats: ["p(50)", "p(99)", "p(99.9)"],
  scenarios: {
    rate: {
      executor: "constant-arrival-rate",
      rate: Number(__ENV.RATE),
      timeUnit: "1s",
      duration: `${__ENV.SECONDS}s`,
      preAllocatedVUs: 100,
    },
  },
};

http.setResponseCallback(http.expectedStatuses(200, 422));

export default function () {
  http.post(__ENV.URL, records[exec.scenario.iterationInTest % records.length], asked);
}

export function handleSummary(data) {
  const { http_req_duration: took, http_reqs: sent, http_req_failed: failed, dropped_iterations: dropped } = data.metrics;
  const told = {
    requests: sent.values.count,
    failed: failed.values.passes,
    dropped: dropped ? dropped.values.count : 0,
    p50: took.values["p(50)"],
    p99: took.values["p(99)"],
    p999: took.values["p(99.9)"],
  };
  return { stdout: `${JSON.stringify(told)}\n` };
}
