package dev.grain.node.prepare;

import java.io.IOException;
import java.nio.file.Path;

/** Gives each command a folder of its own with the code of its job. For all threads. */
@FunctionalInterface
public interface Workspaces {
  /** A folder in which one command runs, and may change everything. */
  interface Workspace extends AutoCloseable {
    /** Returns the folder. */
    Path path();

    /** Returns the folder with all that belongs to it: that one, or one around it. */
    Path root();

    /** Gives the folder back, with all that was changed in it; no process uses it any more. */
    @Override
    void close();
  }

  /** Returns a folder that nobody else uses; blocks while files are copied. */
  Workspace open() throws IOException;
}
