import './skeleton.css';

const lengthOf = (length: number | string): string => (typeof length === 'number' ? `${length}px` : length);

/** The shape of what is on its way. */
export function Skeleton({ width = '100%', height = 16 }: { width?: number | string; height?: number | string }) {
  return <span class="skeleton" style={{ width: lengthOf(width), height: lengthOf(height) }} aria-hidden="true" />;
}
