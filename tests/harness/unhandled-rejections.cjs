/**
 * Mocha listens for unhandled rejections, which keeps Node from ending the process, and then drops them. Thrown from here
 * they become uncaught exceptions: the test under way fails, and after the last test the process ends with an error.
 */
process.on('unhandledRejection', (reason) => {
  throw reason instanceof Error ? reason : new Error(`unhandled rejection: ${String(reason)}`);
});
