import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.percolator.PercolatorPlugin;
import org.opensearch.transport.Netty4Plugin;

/** A node of OpenSearch without its scripts; it ends with the process that is named first. */
public class OpenSearchNode extends Node {
    OpenSearchNode(Environment environment) {
        super(environment, List.of(Netty4Plugin.class, PercolatorPlugin.class), true);
    }

    public static void main(String[] arguments) throws Exception {
        ProcessHandle.of(Long.parseLong(arguments[0])).orElseThrow().onExit()
            .thenRun(() -> Runtime.getRuntime().halt(0));
        Settings.Builder settings = Settings.builder();
        for (String each : List.of(arguments).subList(1, arguments.length)) {
            String[] pair = each.split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        String name = settings.get("node.name");
        LogConfigurator.setNodeName(name);
        Node node = new OpenSearchNode(
            InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), null, () -> name));
        node.start();
        new CountDownLatch(1).await();
    }
}
