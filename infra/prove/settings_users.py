"""How users sign in, and that every route of the API asks who they are."""

from settings import Setting, are_allowed_origins, has, refers

PUBLIC_ROUTES = set()
API_FUNCTIONS = ("UploadFunction", "ImagesFunction")


def identity_pool(policies):
    for name, pool in policies.of_type("AWS::Cognito::IdentityPool").items():
        for setting in ("AllowUnauthenticatedIdentities", "AllowClassicFlow"):
            if pool.get(setting) is not False:
                yield f"{name}: {setting} is not false"
        for provider in pool.get("CognitoIdentityProviders", []):
            if provider.get("ServerSideTokenCheck") is not True:
                yield f"{name}: a provider without ServerSideTokenCheck"
            if not is_known_provider(provider.get("ProviderName"), provider.get("ClientId")):
                yield f"{name}: the provider {provider.get('ProviderName')} with the client {provider.get('ClientId')}"
        if pool.get("OpenIdConnectProviderARNs", [{"Ref": "OidcProvider"}]) != [{"Ref": "OidcProvider"}]:
            yield f"{name}: the providers {pool['OpenIdConnectProviderARNs']}"
    for name, provider in policies.of_type("AWS::IAM::OIDCProvider").items():
        if provider != {"Url": {"Ref": "OidcIssuer"}, "ClientIdList": {"Fn::Split": [",", {"Ref": "OidcAudience"}]}}:
            yield f"{name}: {provider}"


def is_known_provider(name, client):
    made = name == {"Fn::GetAtt": ["UserPool", "ProviderName"]} and client == {"Ref": "UserPoolClient"}
    named = name == {"Fn::Sub": "cognito-idp.${AWS::Region}.amazonaws.com/${UserPoolId}"}
    given = isinstance(client, dict) and client.get("Fn::Select", [0, None])[1] == {"Fn::Split": [",", {"Fn::Sub": "${UserPoolClientIds},,,"}]}
    return made or (named and given)


def role_attachment(policies):
    for name, one in policies.of_type("AWS::Cognito::IdentityPoolRoleAttachment").items():
        if "RoleMappings" in one:
            yield f"{name}: RoleMappings let a token choose a role"
        roles = one.get("Roles", {})
        if set(roles) != {"authenticated"} or not refers(roles["authenticated"], "AuthenticatedRole"):
            yield f"{name}: the roles are {roles}"
        if not refers(one.get("IdentityPoolId"), "IdentityPool"):
            yield f"{name}: the pool is {one.get('IdentityPoolId')}"


FLOWS = {"ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
LONGEST = {"IdTokenValidity": (60, "minutes"), "AccessTokenValidity": (60, "minutes"), "RefreshTokenValidity": (30, "days")}


def app_client(policies):
    for name, client in policies.of_type("AWS::Cognito::UserPoolClient").items():
        if set(client.get("ExplicitAuthFlows", ["none"])) - FLOWS:
            yield f"{name}: the flows {client.get('ExplicitAuthFlows')}"
        if set(client.get("AllowedOAuthFlows", [])) - {"code"}:
            yield f"{name}: the OAuth flows {client['AllowedOAuthFlows']}"
        if set(client.get("AllowedOAuthScopes", [])) - {"openid", "email"}:
            yield f"{name}: the scopes {client['AllowedOAuthScopes']}"
        if set(client.get("SupportedIdentityProviders", [])) - {"COGNITO"}:
            yield f"{name}: the providers {client['SupportedIdentityProviders']}"
        for urls in ("CallbackURLs", "LogoutURLs"):
            if client.get(urls, {"Fn::Split": [",", {"Ref": "HostedUiCallbacks"}]}) != {"Fn::Split": [",", {"Ref": "HostedUiCallbacks"}]}:
                yield f"{name}: {urls} {client[urls]}"
        if client.get("PreventUserExistenceErrors") != "ENABLED":
            yield f"{name}: its errors say which users exist"
        if client.get("EnableTokenRevocation") is not True:
            yield f"{name}: tokens can't be revoked"
        units = client.get("TokenValidityUnits", {})
        for setting, (most, unit) in LONGEST.items():
            value, given = client.get(setting), units.get(setting.removesuffix("Validity"))
            if not isinstance(value, int) or value > most or given != unit:
                yield f"{name}: {setting} is {value} {given}"


def user_pool(policies):
    for name, pool in policies.of_type("AWS::Cognito::UserPool").items():
        self_sign_up = pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly")
        if not isinstance(self_sign_up, bool):
            yield f"{name}: everybody may sign up"
        if pool.get("UsernameConfiguration", {}).get("CaseSensitive") is not False:
            yield f"{name}: two users differ by the case of a letter"
        verified = pool.get("UserAttributeUpdateSettings", {}).get("AttributesRequireVerificationBeforeUpdate")
        if verified != ["email"] or pool.get("AutoVerifiedAttributes") != ["email"]:
            yield f"{name}: an address is not verified before it counts"


# --- the API ---


def routes(policies):
    for name, api in policies.of_type("AWS::ApiGatewayV2::Api").items():
        body = api.get("Body", {})
        schemes = body.get("components", {}).get("securitySchemes", {})
        for path, methods in body.get("paths", {}).items():
            for method, operation in methods.items():
                route = f"{method.upper()} {path}"
                if route not in PUBLIC_ROUTES and operation.get("security") != [{"IdToken": []}]:
                    yield f"{name}: {route} has no authorizer"
                if not any(function in str(operation.get("x-amazon-apigateway-integration", {}).get("uri")) for function in API_FUNCTIONS):
                    yield f"{name}: {route} calls a function that does not face users"
        for scheme, definition in schemes.items():
            authorizer = definition.get("x-amazon-apigateway-authorizer", {})
            if scheme != "IdToken" or not is_ours(authorizer):
                yield f"{name}: the authorizer {scheme} is not the authorizer function, or does not ask it about every request"
        if set(schemes) != {"IdToken"}:
            yield f"{name}: the authorizers {sorted(schemes)}"
        origins = body.get("x-amazon-apigateway-cors", {})
        if origins and not are_allowed_origins(origins.get("allowOrigins"), policies):
            yield f"{name}: CORS for {origins.get('allowOrigins')}"
        if origins.get("allowCredentials"):
            yield f"{name}: CORS with credentials"


def is_ours(authorizer):
    uri = authorizer.get("authorizerUri", {}).get("Fn::Sub", [None, {}])
    called = uri[1] if isinstance(uri, list) else {}
    return (
        authorizer.get("type") == "request"
        and any(refers(value, "AuthorizerFunction") for value in called.values())
        and refers(authorizer.get("authorizerCredentials"), "AuthorizerInvokeRole")
        and authorizer.get("identitySource") == ["$request.header.Authorization"]
        and authorizer.get("authorizerResultTtlInSeconds") == 0
    )


USER_SETTINGS = [
    Setting("identity-pool", "the identity pool knows no guests and no classic flow, and asks the user pool whether a token still holds", ("AWS::Cognito::IdentityPool",), identity_pool, has("AWS::Cognito::IdentityPool")),
    Setting("one-role-for-users", "a signed-in user gets the users' role, whatever their token says, and nobody else gets any", ("AWS::Cognito::IdentityPoolRoleAttachment",), role_attachment, has("AWS::Cognito::IdentityPoolRoleAttachment")),
    Setting("app-client", "the app client signs in by flows that send no password, for as long as is said", ("AWS::Cognito::UserPoolClient",), app_client, has("AWS::Cognito::UserPoolClient")),
    Setting("user-pool", "accounts are made as the operator says, have no case, and verify their address", ("AWS::Cognito::UserPool",), user_pool, has("AWS::Cognito::UserPool")),
    Setting("routes-are-authorized", "every route of the API asks the authorizer about every request, and calls a function that faces users", ("AWS::ApiGatewayV2::Api",), routes, has("AWS::ApiGatewayV2::Api")),
]
