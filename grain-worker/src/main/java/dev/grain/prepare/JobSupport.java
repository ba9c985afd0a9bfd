package dev.grain.prepare;

import dev.grain.container.Image;
import dev.grain.container.NodeContainers;
import dev.grain.environment.EnvironmentEffects;
import dev.grain.environment.Environments;
import dev.grain.environment.PreparedEnvironment;
import dev.grain.git.GitCheckouts;
import dev.grain.git.GitSource;
import dev.grain.message.ContainerSetting;
import dev.grain.message.EnvironmentSetting;
import dev.grain.message.Isolation;
import dev.grain.message.Needs;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.prepare.Held;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Prepared;
import dev.grain.node.prepare.Progress;
import dev.grain.node.prepare.Ready;
import dev.grain.node.prepare.Scrub;
import dev.grain.node.support.NodeSupport;
import dev.grain.node.support.SupportSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes ready what jobs need: first their code, then their environment, which may be defined there,
 * and the image of their container.
 */
final class JobSupport implements NodeSupport {
  private final GitCheckouts checkouts;
  private final Environments environments;
  private final NodeContainers containers;

  JobSupport(PreparationCache cache, SupportSettings settings) {
    this.checkouts = cache.checkouts();
    this.environments = cache.environments();
    this.containers = cache.containers(settings);
  }

  @Override
  public Ready prepare(Order.Setting setting, Logins logins, Progress progress)
      throws PreparationException, InterruptedException {
    List<Held> held = new ArrayList<>();
    boolean ready = false;
    try {
      Ready made = prepare(setting, logins, progress, held);
      ready = true;
      return made;
    } catch (IOException e) {
      throw PreparationException.everywhere(
          "What the job needs cannot be read (" + e.getMessage() + ").");
    } finally {
      if (!ready) {
        held.forEach(Held::close);
      }
    }
  }

  private Ready prepare(Order.Setting setting, Logins logins, Progress progress, List<Held> held)
      throws PreparationException, InterruptedException, IOException {
    Needs needs = Needs.decode(setting.needs());
    List<Path> code = code(needs.origin(), logins, progress, held);
    EnvironmentEffects effects = EnvironmentEffects.NONE;
    if (!needs.environment().isEmpty()) {
      PreparedEnvironment prepared =
          environments.prepare(
              EnvironmentSetting.decode(needs.environment()),
              code.isEmpty() ? null : code.getFirst(),
              progress);
      held.add(prepared);
      effects = prepared.effects();
    }
    String image = "";
    if (setting.isolation() instanceof Isolation.Container container) {
      // a failure is remembered by the logins, so they are not wrapped
      Image found =
          containers.image(ContainerSetting.decode(container.setting()), logins, progress);
      held.add(found);
      image = found.id();
    }
    return new Ready(code, effects.path(), effects.variables(), effects.removed(), image, held);
  }

  private List<Path> code(Needs.Origin origin, Logins logins, Progress progress, List<Held> held)
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
        Prepared checkout = checkout(new GitSource(url, commit, path), logins, progress);
        held.add(checkout);
        yield List.of(checkout.path());
      }
    };
  }

  private Prepared checkout(GitSource source, Logins logins, Progress progress)
      throws PreparationException, InterruptedException {
    Scrub scrub = new Scrub(logins);
    try {
      return checkouts.prepare(source, scrub, progress);
    } catch (PreparationException e) {
      String clean = scrub.clean(String.valueOf(e.getMessage()));
      throw e.isOfThisNode()
          ? PreparationException.here(clean)
          : PreparationException.everywhere(clean);
    }
  }

  @Override
  public JobRunner containerCommands() {
    return containers.commands();
  }

  @Override
  public void removeLeftovers() {
    containers.removeLeftovers();
  }

  @Override
  public void close() {
    containers.close();
  }
}
