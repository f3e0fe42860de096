import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Tells the styles of the whole page how high a part of it is, px, as the property of this name: for what stands below that part without
 * being in the same box. While there is no such part the property is not set.
 */
export function useToldHeight<Part extends HTMLElement>(property: `--${string}`) {
  const part = useRef<Part>(null);
  useLayoutEffect(() => {
    const element = part.current!;
    const { style } = document.documentElement;
    const tell = () => style.setProperty(property, `${element.offsetHeight}px`);
    tell();
    const watch = new ResizeObserver(tell);
    watch.observe(element);
    return () => {
      watch.disconnect();
      style.removeProperty(property);
    };
  }, []);
  return part;
}
