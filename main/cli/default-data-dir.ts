import envPaths from 'env-paths'

/** The operating system's folder for application data. */
export const defaultDataDir = (): string => envPaths('k3lab', { suffix: '' }).data
