// Work asked of guests' devices while the site is flooded: a number whose SHA-256 begins with enough zero bits.
// Our own SHA-256 of one block: the browser's is asked for through a promise a number, which on a phone takes
// ten times as long, and plain http has none at all.
const K = [];
const START = [];

for (let n = 2; K.length < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
  const part = (root) => ((root - Math.floor(root)) * 4294967296) | 0;
  if (prime && START.length < 8) START.push(part(Math.sqrt(n)));
  if (prime) K.push(part(Math.cbrt(n)));
}

const turn = (x, n) => (x >>> n) | (x << (32 - n));

/** The first 32 bits of the SHA-256 of at most 55 ASCII letters. */
export function digestHead(text) {
  const w = new Int32Array(64);
  for (let i = 0; i < text.length; i++) w[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
  w[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  w[15] = text.length * 8;
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15];
    const b = w[i - 2];
    w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let i = 0; i < 64; i++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  return (START[0] + a) >>> 0;
}

/** Does the work in short turns, so that the page stays alive; gives the answer. */
export async function doWork(challenge, bits) {
  for (let n = 0; ; n++) {
    if (digestHead(`${challenge}:${n}`) >>> (32 - bits) === 0) return String(n);
    if (n % 500 === 499) await new Promise((resolve) => setTimeout(resolve));
  }
}
