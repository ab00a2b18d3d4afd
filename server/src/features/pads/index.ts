export { createPadKind } from './document/pad-kind.js';
export { createPadModel } from './pad.model.js';
export { createPadsRouter } from './pads.router.js';
export { createPadsService, type PadsService } from './pads.service.js';
