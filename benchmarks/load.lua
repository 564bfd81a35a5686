-- Asks what the arguments say (a file with the body, then headers as NAME=VALUE) and tells the outcome as JSON.
function init(arguments)
   local file = assert(io.open(arguments[1], "rb"))
   wrk.method, wrk.body = "POST", file:read("*a")
   file:close()
   for number = 2, #arguments do
      local name, value = arguments[number]:match("^([^=]+)=(.*)$")
      wrk.headers[name] = value
   end
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"failed":%d,"refused":%d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
