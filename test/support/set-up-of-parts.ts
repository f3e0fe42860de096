import './compiled-once.ts';
import './leak-check.ts';
