package dev.grain.prepare;

import dev.grain.environment.EnvironmentEffects;
import dev.grain.environment.Environments;
import dev.grain.environment.PreparedEnvironment;
import dev.grain.git.GitCheckouts;
import dev.grain.git.GitSource;
import dev.grain.message.EnvironmentSetting;
import dev.grain.message.Needs;
import dev.grain.message.Order;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Prepared;
import dev.grain.node.prepare.Preparer;
import dev.grain.node.prepare.Progress;
import dev.grain.node.prepare.Ready;
import dev.grain.node.prepare.Scrub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes ready what jobs need: first their code, then their environment, which may be defined there.
 */
final class JobPreparer implements Preparer {
  private final GitCheckouts checkouts;
  private final Environments environments;

  JobPreparer(PreparationCache cache) {
    this.checkouts = cache.checkouts();
    this.environments = cache.environments();
  }

  @Override
  public Ready prepare(Order.Setting setting, Logins logins, Progress progress)
      throws PreparationException, InterruptedException {
    Scrub scrub = new Scrub(logins);
    try {
      return prepareWith(setting, scrub, progress);
    } catch (PreparationException e) {
      String clean = scrub.clean(String.valueOf(e.getMessage()));
      throw e.isOfThisNode()
          ? PreparationException.here(clean)
          : PreparationException.everywhere(clean);
    }
  }

  private Ready prepareWith(Order.Setting setting, Logins logins, Progress progress)
      throws PreparationException, InterruptedException {
    List<Prepared> held = new ArrayList<>();
    boolean ready = false;
    try {
      Needs needs = Needs.decode(setting.needs());
      List<Path> code = code(needs.origin(), logins, progress, held);
      Ready made = new Ready(code, List.of(), Map.of(), Set.of(), held);
      if (!needs.environment().isEmpty()) {
        EnvironmentSetting environment = EnvironmentSetting.decode(needs.environment());
        PreparedEnvironment prepared =
            environments.prepare(environment, code.isEmpty() ? null : code.getFirst(), progress);
        held.add(prepared);
        EnvironmentEffects effects = prepared.effects();
        made = new Ready(code, effects.path(), effects.variables(), effects.removed(), held);
      }
      ready = true;
      return made;
    } catch (IOException e) {
      throw PreparationException.everywhere(
          "What the job needs cannot be read (" + e.getMessage() + ").");
    } finally {
      if (!ready) {
        held.forEach(Prepared::close);
      }
    }
  }

  private List<Path> code(
      Needs.Origin origin, Logins logins, Progress progress, List<Prepared> held)
      throws PreparationException, InterruptedException {
    return switch (origin) {
      case Needs.Nowhere() -> List.of();
      case Needs.Unknown(String reason) -> throw PreparationException.everywhere(reason);
      case Needs.Folders(List<String> paths) -> {
        List<Path> folders = paths.stream().map(Path::of).toList();
        for (Path each : folders) {
          if (!Files.exists(each)) {
            throw PreparationException.everywhere(
                "The folder %s for its code does not exist.".formatted(each));
          }
        }
        if (!Files.isDirectory(folders.getFirst())) {
          throw PreparationException.everywhere(
              "%s, where it is to run, is a file and not a folder.".formatted(folders.getFirst()));
        }
        yield folders;
      }
      case Needs.Checkout(String url, String commit, String path) -> {
        Prepared checkout = checkouts.prepare(new GitSource(url, commit, path), logins, progress);
        held.add(checkout);
        yield List.of(checkout.path());
      }
    };
  }

  @Override
  public void close() {}
}
