import { chapter } from './chapter.js';
import { pipelineOperations } from './generate/pipelines.js';

chapter('pipelines', pipelineOperations);
