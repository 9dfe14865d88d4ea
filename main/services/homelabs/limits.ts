/**
 * Limits of the thread the simulation runs in. Left alone, the young generation of its heap grows to 96 MiB and more, most
 * of it empty at any time; with half of that, the same work takes the same time.
 */
export const SIM_LIMITS = { maxYoungGenerationSizeMb: 48 }
