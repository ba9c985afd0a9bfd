package dev.grain.git;

import dev.grain.folder.ProcessFolder;
import dev.grain.node.prepare.Workspaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies of one checkout in which commands run. One command at a time has a copy; before the next
 * one, what it has changed there is undone, which takes less than another copy. So there are as
 * many copies as commands have run at the same time. For all threads.
 */
final class WorkingCopies implements Workspaces, AutoCloseable {
  private final Path checkout;
  private final Path within;
  private final ProcessFolder parent;

  // both guarded by this
  private final Deque<WorkingCopy> idle = new ArrayDeque<>();
  private boolean closed;

  /**
   * Makes no copy yet.
   *
   * @param checkout the root of the checkout
   * @param folder the folder of the checkout in which commands run
   * @param parent where the copies are
   */
  WorkingCopies(Path checkout, Path folder, ProcessFolder parent) {
    this.checkout = checkout;
    this.within = checkout.relativize(folder);
    this.parent = parent;
  }

  @Override
  public Workspace open() throws IOException {
    WorkingCopy known;
    synchronized (this) {
      known = idle.poll();
    }
    if (known != null && known.restore()) {
      return new Lent(known);
    }
    if (known != null) {
      remove(known);
    }
    return new Lent(make());
  }

  private WorkingCopy make() throws IOException {
    parent.open();
    boolean made = false;
    try {
      WorkingCopy copy = WorkingCopy.make(checkout, parent.path());
      made = true;
      return copy;
    } finally {
      if (!made) {
        parent.close();
      }
    }
  }

  private void remove(WorkingCopy copy) {
    copy.delete();
    parent.close();
  }

  private void giveBack(WorkingCopy copy) {
    synchronized (this) {
      if (!closed) {
        idle.push(copy);
        return;
      }
    }
    remove(copy);
  }

  /** Removes the copies that are not in use; the others go when they are given back. */
  @Override
  public void close() {
    List<WorkingCopy> unused;
    synchronized (this) {
      closed = true;
      unused = List.copyOf(idle);
      idle.clear();
    }
    unused.forEach(this::remove);
  }

  private final class Lent implements Workspace {
    // guarded by this
    private @Nullable WorkingCopy copy;
    private final Path root;
    private final Path path;

    Lent(WorkingCopy copy) {
      this.copy = copy;
      this.root = copy.path();
      this.path = copy.path().resolve(within).normalize();
    }

    @Override
    public Path path() {
      return path;
    }

    @Override
    public Path root() {
      return root;
    }

    @Override
    public void close() {
      WorkingCopy mine;
      synchronized (this) {
        mine = copy;
        copy = null;
      }
      if (mine != null) {
        giveBack(mine);
      }
    }
  }
}
