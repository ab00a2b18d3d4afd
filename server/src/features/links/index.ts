export { createLinkModel, type LinkModel, type LinkRow } from './link.model.js';
export { createLinks, type IssuedLink, type Links } from './links.js';
