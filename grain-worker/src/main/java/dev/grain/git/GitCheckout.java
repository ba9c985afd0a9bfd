package dev.grain.git;

import dev.grain.node.prepare.Prepared;
import dev.grain.node.prepare.Workspaces;
import java.nio.file.Path;

/**
 * A checkout that is in use, or a folder in it.
 *
 * <p>Nobody may change anything in it, as others use it, too: commands run in copies.
 */
public final class GitCheckout implements Prepared {
  private final Prepared checkout;
  private final Path path;
  private final WorkingCopies copies;

  GitCheckout(Prepared checkout, Path path, WorkingCopies copies) {
    this.checkout = checkout;
    this.path = path;
    this.copies = copies;
  }

  @Override
  public Path path() {
    return path;
  }

  /** Returns copies of the checkout; the folder of each is that of this one. */
  public Workspaces workspaces() {
    return copies;
  }

  @Override
  public void close() {
    copies.close();
    checkout.close();
  }
}
