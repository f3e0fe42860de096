import { createStore } from './store.ts';

/** False while the one connection of this page is cut. A page that needs none is not cut off from anything. */
export const online = createStore(true);
