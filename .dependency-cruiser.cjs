/** Who may import whom. The rows are the architecture (docs/architecture.md); the comment of a row is its reason. */
const allowedOnly = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: '\\.test\\.tsx?$' },
  to: { path: '^(main|shared|renderer|scripts|test)/', pathNot: to },
})

module.exports = {
  forbidden: [
    allowedOnly('shared-imports-nothing', '^shared/', '^shared/', 'shared is used on both sides and knows neither'),
    allowedOnly(
      'renderer-reaches-main-by-contract',
      '^renderer/',
      '^(renderer|shared)/',
      'the renderer has no Node and knows the main process by its contract only',
    ),
    allowedOnly('sim-stands-alone', '^main/sim/', '^(main/sim|shared)/', 'the simulation offers two protocols and knows nobody who uses them'),
    allowedOnly('kube-is-a-client', '^main/kube/', '^(main/kube|main/log|shared)/', 'the Kubernetes client side serves simulated and real clusters alike'),
    allowedOnly('ssh-is-a-client', '^main/ssh/', '^(main/ssh|main/log|shared)/', 'the SSH client side serves simulated and real machines alike'),
    allowedOnly(
      'services-know-no-host',
      '^main/services/',
      '^(main/services|main/kube|main/ssh|main/log|shared|main/sim/index\\.ts)',
      'services do not know who hosts them',
    ),
    {
      name: 'sim-has-one-face',
      severity: 'error',
      comment: 'everything outside the simulation goes through main/sim/index.ts',
      from: { path: '^main/(?!sim/)', pathNot: '\\.test\\.ts$' },
      to: { path: '^main/sim/', pathNot: '^main/sim/index\\.ts$' },
    },
    {
      name: 'one-importer-of-electron',
      severity: 'error',
      comment: 'main/electron is the only folder that touches Electron',
      from: { pathNot: '^main/electron/' },
      to: { path: '(^|/)node_modules/electron(/|$)|^electron$' },
    },
    {
      name: 'no-node-in-renderer',
      severity: 'error',
      comment: 'the renderer runs in a browser',
      from: { path: '^(renderer|shared)/', pathNot: '(\\.test\\.tsx?|vite\\.config\\.ts)$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'a cycle hides which part depends on which',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-undeclared',
      severity: 'error',
      comment: 'what is imported is declared in package.json',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-tests-in-product',
      severity: 'error',
      comment: 'tests and scripts are not part of the product',
      from: { path: '^(main|shared|renderer)/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(test|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
