import '../../../service/stop-early.ts';

// Not a static import: all of those are loaded before the first one is run, and a signal would be lost meanwhile.
await import('./runner/program.ts');
