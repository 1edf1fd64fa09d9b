"""What every black-box suite shares: the daemon, raw HTTP, the two APIs, matchers, reporting."""
