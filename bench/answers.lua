-- Asks over and over (given a body after "--", by POST), and says at the end, as JSON, what it was answered.
init = function(args)
  if args[1] then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = args[1]
  end
end

done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"requests": %d, "refused": %d, "broken": %d, "microseconds": %d, "median": %d}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50)))
end
