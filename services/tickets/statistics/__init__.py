"""What many reports come to, in sums.

Who sees only sums counts no confidential report: a sum of one tells an office that somebody reported it, and a sum that
grows tells when. The city's sums by week (:mod:`.trend`) count every report, and name no office.
"""
