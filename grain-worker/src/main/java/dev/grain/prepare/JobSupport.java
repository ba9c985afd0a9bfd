package dev.grain.prepare;

import dev.grain.container.Image;
import dev.grain.container.NodeContainers;
import dev.grain.environment.EnvironmentEffects;
import dev.grain.environment.Environments;
import dev.grain.environment.PreparedEnvironment;
import dev.grain.git.GitCheckout;
import dev.grain.git.GitCheckouts;
import dev.grain.git.GitSource;
import dev.grain.message.ContainerSetting;
import dev.grain.message.EnvironmentSetting;
import dev.grain.message.Isolation;
import dev.grain.message.Needs;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.isolated.JvmLauncher;
import dev.grain.node.prepare.Held;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import dev.grain.node.prepare.Ready;
import dev.grain.node.prepare.Scrub;
import dev.grain.node.prepare.Workspaces;
import dev.grain.node.support.NodeSupport;
import dev.grain.node.support.SupportSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    Found found = code(needs.origin(), logins, progress, held);
    List<Path> code = found.code();
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
      Image pulled =
          containers.image(ContainerSetting.decode(container.setting()), logins, progress);
      held.add(pulled);
      image = pulled.id();
    }
    List<Path> classPath = new ArrayList<>(CodeClassPath.of(code));
    classPath.addAll(effects.classPath());
    return new Ready(
        code,
        found.workspaces(),
        List.copyOf(classPath),
        effects.path(),
        effects.variables(),
        effects.removed(),
        image,
        held);
  }

  /** Where the code is, and where commands run, if not in its first folder. */
  private record Found(List<Path> code, @Nullable Workspaces workspaces) {}

  private Found code(Needs.Origin origin, Logins logins, Progress progress, List<Held> held)
      throws PreparationException, InterruptedException {
    return switch (origin) {
      case Needs.Nowhere() -> new Found(List.of(), null);
      case Needs.Unknown(String reason) -> throw PreparationException.everywhere(reason);
      case Needs.Folders(List<String> paths) -> {
        List<Path> folders = paths.stream().map(Path::of).toList();
        for (Path each : folders) {
          if (!Files.exists(each)) {
            throw PreparationException.everywhere(
                "%s for its code does not exist.".formatted(each));
          }
        }
        yield new Found(folders, null);
      }
      case Needs.Checkout(String url, String commit, String path) -> {
        GitCheckout checkout = checkout(new GitSource(url, commit, path), logins, progress);
        held.add(checkout);
        yield new Found(List.of(checkout.path()), checkout.workspaces());
      }
    };
  }

  private GitCheckout checkout(GitSource source, Logins logins, Progress progress)
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
  public JvmLauncher containerJvms() {
    return containers.jvms();
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
