; Inno Setup 6: an installer of the folder that package.py built.
;     iscc /DVersion=0.1.0 /DFolder=dist\framesift-0.1.0-windows-amd64-cpu packaging\windows\framesift.iss
; It installs for the current user, so that nobody needs an administrator, and removes what it
; installed; projects and settings stay.
#ifndef Version
  #error Give the version: /DVersion=0.1.0
#endif
#ifndef Folder
  #error Give the built folder: /DFolder=dist\...
#endif

[Setup]
AppId={{7C0C5E0B-6E5F-4B53-9B0A-5B8E6F3B7A1D}
AppName=Framesift
AppVersion={#Version}
AppPublisher=The Framesift developers
DefaultDirName={autopf}\Framesift
DefaultGroupName=Framesift
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
DisableProgramGroupPage=yes
LicenseFile=..\..\LICENSE
SourceDir=..\..
OutputDir=dist
OutputBaseFilename=framesift-{#Version}-windows-setup
SetupIconFile=build\package-cpu\assets\framesift.ico
UninstallDisplayIcon={app}\framesift-app.exe
Compression=lzma2/normal
SolidCompression=yes
WizardStyle=modern
ChangesAssociations=yes
ChangesEnvironment=yes

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"
Name: "german"; MessagesFile: "compiler:Languages\German.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "path"; Description: "Put the command framesift on the PATH"; Flags: unchecked

[InstallDelete]
; Libraries of an older version must not lie beside the new ones.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Folder}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\Framesift"; Filename: "{app}\framesift-app.exe"
Name: "{autodesktop}\Framesift"; Filename: "{app}\framesift-app.exe"; Tasks: desktopicon

[Registry]
; "Open with Framesift" for a folder: a project is one.
Root: HKA; Subkey: "Software\Classes\Directory\shell\framesift"; ValueType: string; ValueData: "Open with Framesift"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Directory\shell\framesift"; ValueName: "Icon"; ValueType: string; ValueData: "{app}\framesift-app.exe"
Root: HKA; Subkey: "Software\Classes\Directory\shell\framesift\command"; ValueType: string; ValueData: """{app}\framesift-app.exe"" ""%1"""
Root: HKCU; Subkey: "Environment"; ValueName: "Path"; ValueType: expandsz; ValueData: "{olddata};{app}"; Tasks: path; Check: NotOnPath

[Run]
Filename: "{app}\framesift-app.exe"; Description: "{cm:LaunchProgram,Framesift}"; Flags: nowait postinstall skipifsilent

[Code]
function NotOnPath: Boolean;
var
  Known: string;
begin
  Result := True;
  if RegQueryStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Known) then
    Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Known) + ';') = 0;
end;
