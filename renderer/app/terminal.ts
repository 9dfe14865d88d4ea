/** Opens a terminal on a machine in the dock. The dock and its terminal emulator are loaded when first wanted. */
export const openTerminal = (machineId: string): void => {
  void import('../features/terminal/store.ts').then(dock => dock.openTerminal(machineId))
}
