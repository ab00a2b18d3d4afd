export { createPadKind } from './document/pad-kind.js';
export { createPadModel } from './pad.model.js';
export { createPadAccess } from './pad-access.js';
export { createPadsRouter } from './pads.router.js';
export { createPadsService, type PadsService } from './pads.service.js';
