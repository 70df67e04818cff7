// How often an open page reads again, in ms. With ETags most of these reads are answered by 304 and count a fraction;
// docs/console.md has the sum of an hour beside the rate limit.
export const POLL = {
  run: 2_000,
  list: 5_000,
  inbox: 15_000,
  job: 2_000,
  slow: 30_000,
} as const;
