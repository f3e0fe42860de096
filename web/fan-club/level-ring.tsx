/** How far one is on the way to the next level. Decoration: the words beside it say the same. */
export function LevelRing(props: { level: number; points: number; nextLevelPoints: number | null }) {
  const { level, points, nextLevelPoints } = props;
  const share = nextLevelPoints === null ? 1 : Math.min(1, points / nextLevelPoints);
  const circumference = 2 * Math.PI * 27;
  return (
    <svg class="level-ring" width="64" height="64" viewBox="0 0 64 64" aria-hidden="true">
      <circle cx="32" cy="32" r="27" class="level-ring__ground" />
      <circle
        cx="32"
        cy="32"
        r="27"
        class="level-ring__done"
        stroke-dasharray={`${circumference * share} ${circumference}`}
        transform="rotate(-90 32 32)"
      />
      <text x="32" y="39" text-anchor="middle">
        {level}
      </text>
    </svg>
  );
}
