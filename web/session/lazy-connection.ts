/** The one connection of this page, for the pages of the first download: its code travels when somebody needs it. */
export const loadConnection = () => import('./connection.ts');
