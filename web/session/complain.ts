import { toast } from '../design/toast.tsx';
import { sayError } from './say-error.ts';

/** Says what went wrong with something that was pressed, where there is no form to say it in. */
export const complain = (error: unknown): void => toast(sayError(error), 'bad');
