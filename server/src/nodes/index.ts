export { Node } from './node.js';
export { createNodeModel } from './node.model.js';
