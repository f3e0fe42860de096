/**
 * The picture and the sound of the demo's host: lanterns that rise in the night over a stall, and a few notes on five tones. Drawn
 * straight into the planes that a video encoder takes (I420), so that it costs a few per cent of one core.
 */
export const pictureSize = { width: 360, height: 640 };
export const framesPerSecond = 20;

type Plane = { data: Uint8Array; width: number; height: number };
type Tone = { y: number; u: number; v: number };
type Lantern = { x: number; y: number; risePerFrame: number; swing: number; size: number };

const night = { y: 26, u: 142, v: 134 };
const paper: Tone = { y: 126, u: 92, v: 196 };
const flame: Tone = { y: 226, u: 70, v: 160 };
const wood: Tone = { y: 58, u: 116, v: 142 };
const lanternCount = 14;

/** Gives the planes of frame after frame, always in the same buffer. */
export function createScene(random: () => number): (frame: number) => Uint8Array {
  const { width, height } = pictureSize;
  const data = new Uint8Array((width * height * 3) / 2);
  const luma = { data: data.subarray(0, width * height), width, height };
  const half = { width: width / 2, height: height / 2 };
  const blue = { data: data.subarray(width * height, width * height * 1.25), ...half };
  const red = { data: data.subarray(width * height * 1.25), ...half };
  const ground = groundOf(luma, blue, red, data);
  const lanterns = Array.from({ length: lanternCount }, () => newLantern(random, random() * height));

  return (frame) => {
    data.set(ground);
    for (const [index, lantern] of lanterns.entries()) {
      lantern.y -= lantern.risePerFrame;
      if (lantern.y < -80) lanterns[index] = newLantern(random, height + 60);
      const x = lantern.x + Math.sin(frame / 40 + lantern.swing) * 14;
      drawLantern({ luma, blue, red }, x, lantern.y, lantern.size, frame + lantern.swing * 20);
    }
    return data;
  };
}

const newLantern = (random: () => number, y: number): Lantern => ({
  x: 20 + random() * (pictureSize.width - 40),
  y,
  risePerFrame: 0.5 + random() * 1.2,
  swing: random() * 6,
  size: 16 + random() * 26,
});

/** Night above, the wood of a stall below. */
function groundOf(luma: Plane, blue: Plane, red: Plane, data: Uint8Array): Uint8Array {
  const stallFrom = Math.round(luma.height * 0.84);
  for (let y = 0; y < luma.height; y++) {
    const isStall = y >= stallFrom;
    const line = isStall ? wood.y + ((y - stallFrom) % 26 < 2 ? -22 : 0) : night.y + (y / luma.height) * 26;
    luma.data.fill(line, y * luma.width, (y + 1) * luma.width);
  }
  for (let y = 0; y < blue.height; y++) {
    const tone = y * 2 >= stallFrom ? wood : night;
    blue.data.fill(tone.u, y * blue.width, (y + 1) * blue.width);
    red.data.fill(tone.v, y * red.width, (y + 1) * red.width);
  }
  return data.slice();
}

type Planes = { luma: Plane; blue: Plane; red: Plane };

function drawLantern({ luma, blue, red }: Planes, x: number, y: number, size: number, phase: number): void {
  const glow = 0.85 + 0.15 * Math.sin(phase / 9);
  blend(luma, x, y, size, (share) => ({ value: paper.y + (flame.y - paper.y) * share * glow, share }));
  blend(blue, x / 2, y / 2, size / 2, (share) => ({ value: paper.u + (flame.u - paper.u) * share, share }));
  blend(red, x / 2, y / 2, size / 2, (share) => ({ value: paper.v + (flame.v - paper.v) * share, share }));
}

/** Mixes an oval into a plane: full inside, a soft glow around it. */
function blend(
  plane: Plane,
  x: number,
  y: number,
  size: number,
  at: (share: number) => { value: number; share: number },
) {
  const reach = size * 1.8;
  const [left, right] = [Math.max(0, Math.ceil(x - reach)), Math.min(plane.width - 1, Math.floor(x + reach))];
  const [top, bottom] = [Math.max(0, Math.ceil(y - reach)), Math.min(plane.height - 1, Math.floor(y + reach))];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const distance = Math.hypot((column - x) / size, (row - y) / (size * 1.15));
      if (distance > 1.8) continue;
      const { value, share } = at(Math.max(0, 1 - distance));
      const cover = distance <= 1 ? 0.72 + 0.28 * share : 0.5 * (1 - (distance - 1) / 0.8) ** 2;
      const index = row * plane.width + column;
      plane.data[index] = plane.data[index]! * (1 - cover) + value * cover;
    }
  }
}

export const samplesPerSecond = 48_000;
/** Samples that a WebRTC sound source takes at a time: 10 ms. */
const samplesMax = 480;
const toneHz = [392, 440, 523.25, 587.33, 659.25, 783.99];
const notePause = 0.46;

/** Gives 10 ms of sound at a time: single soft notes, one after the other. */
export function createTune(random: () => number): () => Int16Array {
  const samples = new Int16Array(samplesMax);
  let sample = 0;
  let hz = toneHz[0]!;
  return () => {
    for (let index = 0; index < samplesMax; index++, sample++) {
      const seconds = (sample / samplesPerSecond) % notePause;
      if (seconds < 1 / samplesPerSecond) hz = toneHz[Math.floor(random() * toneHz.length)]!;
      samples[index] = Math.sin(2 * Math.PI * hz * seconds) * Math.exp(-5 * seconds) * 5_200;
    }
    return samples;
  };
}
