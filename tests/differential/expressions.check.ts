import { chapter } from './chapter.js';
import { expressionOperations } from './generate/expressions.js';

chapter('expressions', expressionOperations);
