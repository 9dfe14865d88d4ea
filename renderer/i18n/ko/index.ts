import app from './app.json' with { type: 'json' }
import clusters from './clusters.json' with { type: 'json' }
import common from './common.json' with { type: 'json' }
import errors from './errors.json' with { type: 'json' }
import labs from './labs.json' with { type: 'json' }
import laptop from './laptop.json' with { type: 'json' }
import machines from './machines.json' with { type: 'json' }
import nodes from './nodes.json' with { type: 'json' }
import settings from './settings.json' with { type: 'json' }
import terminal from './terminal.json' with { type: 'json' }
import workloads from './workloads.json' with { type: 'json' }

export default { app, clusters, common, errors, labs, laptop, machines, nodes, settings, terminal, workloads }
