import './skeleton.css';

/** The shape of what is on its way. */
export function Skeleton({ width = '100%', height = 16 }: { width?: number | string; height?: number | string }) {
  return <span class="skeleton" style={{ width, height }} aria-hidden="true" />;
}
