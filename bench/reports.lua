-- POSTs a report over and over; says at the end, as JSON, what it was answered.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"category": "ktp", "text": "KTP saya rusak dan tidak terbaca."}'

done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"requests": %d, "refused": %d, "broken": %d, "microseconds": %d}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout, summary.duration))
end
