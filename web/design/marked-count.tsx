/** More than this is said as "9+": the mark is to be seen, not read. */
const shownMax = 9;

/** How much waits, in the corner of what is `marked`. The thing itself must carry the number in its name. */
export const MarkedCount = ({ count }: { count: number }) =>
  count > 0 ? (
    <span class="marked__count numbers" aria-hidden="true">
      {count > shownMax ? `${shownMax}+` : count}
    </span>
  ) : null;
